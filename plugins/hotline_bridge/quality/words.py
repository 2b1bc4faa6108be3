"""The kinds of quality rules in Chinese, for the report and the alerts: what broke, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.contract.model import RULE_ZH

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of rule is told."""

    bad: str
    remedy: str
    good: str = "符合规定"
    unit: str = "行"
    """What is counted; empty where the rule is one judgement on the whole table."""
    nothing: str = "检查范围内没有数据"


_ROW_RULE_REMEDY = (
    "这类行本应在取数时被隔离，却在表中：核对近期是否有人手工改表或改过契约；"
    "请来源方（12345 或 12315 平台）更正该行，更正后自动重新入库。"
)
_LITTLE_HISTORY = "历史不足四周，暂不判断"

WORDS: Mapping[str, Words] = {
    "columns": Words(
        bad="字段缺失或类型不符",
        remedy="运行 hotline migrate 升级本地库；若有人手工改过表结构，请恢复。",
        good="字段齐全、类型相符",
        unit="个字段",
        nothing="表不存在",
    ),
    **{
        kind: Words(bad=RULE_ZH[kind], remedy=_ROW_RULE_REMEDY)
        for kind in ("required", "condition", "length", "code", "area")
    },
    "unique": Words(
        bad="主键重复", remedy="主键的唯一约束可能被删除：恢复约束，并保留每个主键最新的一行。", good="主键不重复"
    ),
    "odd_time": Words(
        bad="时间不合情理（早于 2000 年，或晚于检查时间一天以上）",
        remedy="请来源方（12345 或 12315 平台）检查时钟与时间字段；数据已照常处理。",
        good="时间合理",
    ),
    "clock_order": Words(
        bad="时间先后颠倒", remedy="请 12345 核对话务平台各环节的时钟；数据已照常上报。", good="时间先后正常"
    ),
    "parent": Words(
        bad="所属的上级记录（如话务）从未到达",
        remedy="请 12345 按主键补写上级记录；补写后下一分钟自动取数，本规则随之恢复。",
        good="所属的上级记录均已到达",
    ),
    "order_known": Words(
        bad="所属的工单从未取得",
        remedy="运行 hotline collect case --begin --end 重新收集该工单的登记时间段；仍没有则请平台核对工单编号。",
        good="所属的工单均已取得",
    ),
    "before_registration": Words(
        bad="发生时间早于工单登记时间", remedy="请平台核对该环节的时间；数据已照常入库。", good="发生时间均晚于登记"
    ),
    "reply_lag": Words(
        bad="反馈距登记超过 1500 天", remedy="请平台核对反馈时间与工单编号；数据已照常入库。", good="反馈用时合理"
    ),
    "seats_signed_in": Words(
        bad="通话进座席时没有座席在签入状态",
        remedy="请 12345 核对坐席签入签出日志是否漏写；隔离的签入记录见 hotline quarantine list。",
        good="通话时均有座席签入",
        nothing="检查范围内没有一天以前进座席的通话，暂不判断",
    ),
    "volume": Words(
        bad="数据量异常（与前八周同一星期、同一小时相比）",
        remedy="节假日可以忽略；否则运行 hotline status 查看是否有未取或被隔离的行，并请 12345 核对写入程序。",
        good="数据量正常",
        unit="个小时",
        nothing=_LITTLE_HISTORY,
    ),
    "freshness": Words(
        bad="长时间没有新数据（与前八周同一时段相比）",
        remedy="运行 hotline status 查看是否有未取或被隔离的行；没有则请 12345 检查写入对接库的程序。",
        good="数据及时",
        unit="",
        nothing=_LITTLE_HISTORY,
    ),
}
"""By kind: the last part of a rule's name."""


ACROSS = frozenset(
    {
        "columns",
        "parent",
        "order_known",
        "before_registration",
        "reply_lag",
        "seats_signed_in",
        "volume",
        "freshness",
    }
)
"""Kinds that look across tables or along time (`quality.checks`); the others judge single rows (`quality.suites`)."""


def words_of(rule: str) -> Words:
    """The words of a rule such as `calltype:code` or `volume`. Raises KeyError for a kind that nobody described."""
    return WORDS[rule.rpartition(":")[2]]
