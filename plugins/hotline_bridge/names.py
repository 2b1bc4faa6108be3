"""What DAGs, tasks and kinds of orders are called in Chinese, and counts in a line of a log.

What an interface carries has its word in the contract (`label_zh`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER_KINDS_ZH: Mapping[str, str] = {"complaint": "投诉", "report": "举报", "consultation": "咨询"}
"""The kinds that the platform counts."""
DAG_ZH: Mapping[str, str] = {
    "telephony_report": "话务日志上报",
    "order_report": "工单上报",
    "case_collect": "工单收集",
    "process_collect": "办理过程收集",
    "feedback_collect": "反馈收集",
    "feedback_repair": "反馈补漏",
    "docking_publish": "结果回写",
    "count_reconciliation": "对账",
    "quality_check": "数据质量检查",
    "analyst_report": "分析月报",
    "alert_watch": "告警",
    "analytics_refresh": "分析数据",
    "maintenance": "维护",
}
TASK_ZH: Mapping[str, str] = {
    "take_in_and_deliver": "取数并上报",
    "collect": "收集",
    "drain": "取回并回执",
    "publish": "回写",
    "reconcile": "核对",
    "check": "检查",
    "write": "写月报",
    "report": "写报告",
    "verdict": "结论",
    "watch": "检查并通知",
    "tidy": "清理",
    "refresh": "重算",
}


def displayed(name: str, words: Mapping[str, str]) -> str:
    """The name as the UI shows it: staff read the Chinese word, engineers find the name that is fixed."""
    return f"{words[name]} {name}" if name in words else name


def first_word(printed: str) -> str:
    """What the specification prints for a field, without its explanation; empty where there is nothing."""
    return next(iter(printed.split()), "").rstrip(":：")


def told(counts: Mapping[str, int]) -> str:
    """Counts without those that are zero, such as `120 rows, 3 quarantined`; `nothing` without any."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "nothing"
