"""What reconciliation (对账) says, in Chinese, as data: kinds, states, what explains a difference, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.reconcile.evaluate import LATE, LOST, UNSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_KINDS_ZH: Mapping[str, str] = {log.table: log.label_zh for log in interfaces_of("telephony") if log.table}
"""Telephony, by table: the platform does not count it."""

KIND_ZH: Mapping[str, str] = {**ORDER_KINDS_ZH, **LOG_KINDS_ZH}

STATE_ZH: Mapping[str, str] = {
    "agreed": "相符",
    "open": "有差异",
    "incomplete": "收集不完整",
    "unknown": "没有得到平台数量",
}

COUNT_ZH: Mapping[str, str] = {
    "docking_count": "12345 受理",
    "delivered_count": "已上报",
    "platform_count": "平台",
    "local_count": "本地",
}
"""The four counts of a day and kind, from 12345 to the local store."""

EXPLAINED_ZH: Mapping[str, str] = {
    "waiting": "待上报",
    "held": "暂存",
    "delivered": "已上报的行",
    "rejected": "平台拒绝",
    "quarantined": "已隔离",
    "discarded": "人工作废，不上报",
    "superseded": "已被取代",
    "copies": "内容相同的重复行",
    "not_collected": "刚写入、尚未取数",
    "returned_by_audit": "本地审核退回，未上报",
    "not_in_docking": "已上报，12345 已删除来源行",
    "other_day": "最新内容的登记日期是另一天",
    "network": "平台自行登记（网络件）",
    "answer_quarantined": "平台应答违反规定，在隔离区",
    "answer_numberless": "平台应答无编号也无登记时间，在隔离区",
    "delivered_recently": "刚上报，尚未收集到",
    "sent_again": "已重新上报，尚未收集到",
    "returned": "平台审核退回",
    "withdrawn": "平台不再给出",
    "moved_while_counting": "核对期间有变动",
    "incomplete_windows": "未能全部取得的时段",
    "lost_upstream": "已上报而平台没有",
    "late_not_collected": "写入已久、仍未取数",
    "late_waiting": "待上报超过时限",
    "late_rejected": "平台拒绝超过时限",
    "late_held": "暂存超过时限",
    "lost_on_intake": "已取数而本地没有的工单",
    "shared_number": "与另一条记录共用编号",
    "gap": "平台数量与本地不符",
    "lost": "已取数而本地没有的行",
}
"""What a difference consists of: orders and log rows by the name that `explained` has for them."""

UNEXPLAINED = frozenset({"lost_upstream", "gap", "lost", *LATE, *LOST})
"""The names of `EXPLAINED_ZH` that tell what the unexplained part is made of."""

BETWEEN_ZH: Mapping[str, frozenset[str]] = {
    "受理与已上报": frozenset({*UNSENT, *LATE, *LOST, "other_day", "not_in_docking"}),
    "已上报与本地": frozenset(
        {"network", "returned", "delivered_recently", "sent_again", "withdrawn", "lost_upstream"}
    ),
    "本地与平台": frozenset(
        {"answer_quarantined", "answer_numberless", "moved_while_counting", "incomplete_windows", "gap"}
    ),
}
"""Which two counts of orders each part of a difference stands between."""

NOT_ORDERS = frozenset({"incomplete_windows"})
"""The names of `EXPLAINED_ZH` that count something else than orders or rows."""

REPAIR_ZH: Mapping[str, str] = {
    "collected": "重新收集的请求",
    "came": "重新收集到的工单",
    "sent_again": "重新上报的工单",
    "not_accepted": "重新上报时平台未收下的工单",
    "not_sent_again": "未能重新上报的工单",
    "tries": "修复轮数",
}

REMEDY_ZH: Mapping[str, str] = {
    "unknown": (
        "平台没有给出当天的数量：运行 hotline check 查看网络与平台；平台恢复后，下次核对自动补上，"
        "也可运行 hotline reconcile 立即核对。"
    ),
    "incomplete": (
        "同一秒登记的工单达到 500 行，平台一次给不全：请平台运维按 hotline.collection_window 中 state 为 incomplete 的"
        "时间导出这些工单，或把其中一些改登在别的时间；平台减少后自动补全，数量相符后自动恢复。"
    ),
    "lost_upstream": (
        "平台收下后查不到这些工单：满足条件的会自动重新上报一次；下次核对仍没有的，请平台运维按当天的上报记录"
        "（hotline.interaction_log）查找。"
    ),
    "not_sent_again": (
        "有工单没有自动重新上报（超过一次修复的上限，或原文已过保存期）：运行 hotline reconcile --repair 再修复一次；"
        "仍未减少的，请 12345 在对接库重写来源行。"
    ),
    "late_not_collected": (
        "12345 写入的行久未取数：查看 telephony_report、order_report 是否暂停或失败，运行 hotline check 检查对接库；"
        "没有写入时间（written_at）的行请 12345 补上。取数后下次核对自动恢复。"
    ),
    "late_waiting": (
        "久未上报成功：运行 hotline status 与 hotline check，在 hotline.interaction_log 查看 outcome 与 message；"
        "平台恢复后自动补报，上报后下次核对自动恢复。"
    ),
    "late_rejected": (
        "平台拒绝已超过自动重试的一周：运行 hotline replay --dry-run 查看平台的说明；请 12345 更正来源行，"
        "或原因消除后运行 hotline replay 重发。"
    ),
    "late_held": (
        "久未放行：待审核的工单运行 hotline audit list，逐条 hotline audit pass 或 hotline audit return；"
        "没有签出时间的坐席签入请 12345 补上签出时间。"
    ),
    "sent_again": "已重新上报一次，不会再发：等下次核对；仍没有的，请平台运维查找，本差异一直保留到数量相符。",
    "not_accepted": (
        "重新上报时平台没有收下，不会再发：在 hotline.interaction_log 查看平台的说明（code、message），请平台运维处理。"
    ),
    "lost_on_intake": (
        "对接库的行标为已取数，本地却没有：请 12345 重写这些行，或由管理员清空其 collected_at，下一分钟自动取数；"
        "并查看取数期间是否有人手工改过两个库。"
    ),
    "gap": (
        "平台登记的数量多于本地：当天已安排重新收集；运行 hotline reconcile --repair 可立即收集并再核对，"
        "仍不符的，请平台运维导出当天的工单编号。"
    ),
    "surplus": "本地的工单多于平台登记的数量：请平台运维核对当天的工单是否被撤销、改期或合并；本地的工单不会删除。",
    "lost": (
        "对接库的行标为已取数，本地却没有：请 12345 重写这些行，或由管理员清空其 collected_at，下一分钟自动取数；"
        "运行 hotline status 查看每条来源数据的去向。"
    ),
    "shared_number": (
        "编号与另一条记录相同，而姓名、时间、电话等都不同，平台只认编号，因此没有上报："
        "运行 hotline quarantine list 查看，请 12345 给它们各自的编号再写入，并用 hotline quarantine discard 作废；"
        "确为更正的用 hotline quarantine release --as-correction 放行。"
    ),
    "other": "运行 hotline reconcile --repair 再核对、再修复一次；仍不符的，把本页交给管理员。",
    "unjudged": (
        "当天的其他类别核对过，这一类没有：查看 count_reconciliation 最近一次运行的日志，运行 hotline check，"
        "再运行 hotline reconcile 立即核对。"
    ),
    "uncollected": "这些日期的工单正在首次收集：收集完成后，下次核对自动判定；进度可用 hotline collect case 查看。",
    "missing": "这些日期没有与平台核对过：下次核对自动补上；也可运行 hotline reconcile 立即核对。",
}
"""What to do, by situation; `report.situations` tells which ones a check is in."""


def words_of(counts: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, int]]:
    """Named counts in the order of `words`, without zeros; a name that nobody described stands at the end as it is."""
    known = [(words[name], counts[name]) for name in words if counts.get(name)]
    return known + [(name, count) for name, count in counts.items() if name not in words and count]


def reasons(kind: str, explained: Mapping[str, int]) -> str:
    """Why the counts of a check differ, in words: for orders by the two counts that a part stands between.

    Args:
        kind: Of the check.
        explained: Its parts.
    """
    if kind in LOG_KINDS_ZH:
        return _said(explained)
    parts = {
        title: {name: count for name, count in explained.items() if name in names}
        for title, names in BETWEEN_ZH.items()
    }
    known = frozenset().union(*BETWEEN_ZH.values())
    parts["其他"] = {name: count for name, count in explained.items() if name not in known}
    return "；".join(f"{title}：{said}" for title, part in parts.items() if (said := _said(part)))


def _said(counts: Mapping[str, int]) -> str:
    return "、".join(f"{words} {count:,}" for words, count in words_of(counts, EXPLAINED_ZH))
