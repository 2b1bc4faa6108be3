"""The events of an order's life, each with the Chinese word that staff read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLISHED = "published"

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "registered": "登记",
        "written": "12345 写入",
        "deadline": "12345 处理时限",
        "supplemented": "12345 补单",
        "taken_in": "取入",
        "quarantined": "隔离",
        "completed": "补全",
        "withdrawn": "撤销补全",
        "passed": "审核通过",
        "released": "放行",
        "replayed": "重新上报",
        "tried": "发送",
        "delivered": "已上报",
        "rejected": "平台拒绝",
        "superseded": "已被新内容取代",
        "discarded": "放弃上报",
        "collected": "平台建档",
        "returned": "退回",
        "routed": "流转",
        "accepted": "受理",
        "refused": "不受理",
        "filed": "立案",
        "not_filed": "不予立案",
        "step": "办理",
        "extension_requested": "申请延期",
        "extended": "延期",
        "urged": "催办",
        "feedback": "反馈",
        "answer_quarantined": "平台数据隔离",
        PUBLISHED: "回写",
    }
)
"""In the order in which those of one moment are told."""

KINDS: Mapping[str, str] = MappingProxyType({"complaint": "投诉", "report": "举报", "consultation": "咨询"})

PUBLISHED_STATES: Mapping[str, str] = MappingProxyType(
    {"received": "接收成功", "failed": "接收失败", "refused": "不受理", "accepted": "受理", "filed": "立案"}
)
"""What columns `state` of the published tables hold."""

_UNITS = ((86_400, "天"), (3_600, "小时"), (60, "分"), (1, "秒"))


def duration_zh(seconds: float) -> str:
    """A span of time by its two greatest units: `3 天 2 小时`, `5 分 12 秒`.

    Args:
        seconds: Not negative.
    """
    whole = int(seconds)
    if whole == 0:
        return "不到 1 秒"
    place = next(place for place, (size, _) in enumerate(_UNITS) if whole >= size)
    parts = []
    for size, unit in _UNITS[place : place + 2]:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)
