"""What is worth an alert (告警), as data: a cause, its SQL, and the Chinese words for what happened and what to do.

A new cause is an entry here and a file in `include/sql/alerts` that returns subject, since and count of each case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.quality.words import words_of
from hotline_bridge.reconcile.words import KIND_ZH
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.alerts.limits import Limits


@dataclass(frozen=True, slots=True)
class Condition:
    """One cause of alerts."""

    title: str
    what: str
    """What happened, with `{subject}` and `{count}`."""
    remedy: str
    """What to do; `{rule}` is what to do about a broken rule of a table."""


CONDITIONS: Mapping[str, Condition] = {
    "unauthorized": Condition(
        "平台拒绝认证",
        "平台拒绝了 AppId、Token 或签名，共 {count} 次；上报已停止，数据未丢失。",
        "核对连接 platform_12315 的 login、password、auth_header，以及本机时钟；改好后下一分钟自动恢复。",
    ),
    "platform_dead": Condition(
        "平台无应答",
        "15 分钟内 {count} 次调用没有一次得到有效应答；数据在本地等待，自动重试。",
        "运行 hotline check 查看网络与平台；联系平台运维。恢复后自动补报，无需重跑。",
    ),
    "backlog": Condition(
        "待上报积压",
        "{subject}：{count} 条等待上报超过时限。",
        "运行 hotline status 与 hotline check；查看交互日志 hotline.interaction_log 的 outcome 与 message。",
    ),
    "quarantine_growing": Condition(
        "隔离数量异常",
        "{subject}：今天已有 {count} 行违反规定而被隔离，比例偏高。",
        "运行 hotline quarantine list 查看原因；请 12345 更正来源行，更正后自动放行。",
    ),
    "refused": Condition(
        "平台拒收",
        "{subject}：{count} 条被平台拒收（一周内每天自动重试一次）。",
        "运行 hotline replay --dry-run 查看平台的说明；原因消除后 hotline replay 立即重发。",
    ),
    "audit_waiting": Condition(
        "工单久未审核",
        "{subject}：{count} 条等待上报前审核超过时限；未经审核不上报。",
        "运行 hotline audit list 查看，逐条 hotline audit pass 或 hotline audit return。",
    ),
    "silence": Condition(
        "12345 长时间无数据",
        "{subject}：对接库没有新数据，时间超过近两周的任何一次。",
        "请 12345 检查写入对接库的程序；运行 hotline check 检查对接库连接与权限。",
    ),
    "not_running": Condition(
        "流程没有运行",
        "{subject}：超过时限没有完成一次运行。",
        "在 Airflow 中查看该 DAG 是否暂停、失败；检查 scheduler 与 dag-processor 是否在运行。",
    ),
    "incomplete": Condition(
        "收集不完整",
        "{subject}：有 {count} 处登记时间（一两秒之内）的数据超过平台一次应答的 500 行，未能全部取得。",
        "请平台运维按 hotline.collection_window 中 state 为 incomplete 的时间导出这些工单；平台减少后自动恢复。",
    ),
    "windows_overdue": Condition(
        "收集滞后",
        "{subject}：{count} 个登记时间窗口超过时限没有查询。",
        "查看 case_collect、process_collect、feedback_repair 是否暂停或失败；运行 hotline check。恢复后自动补查。",
    ),
    "unacknowledged": Condition(
        "反馈回执被拒",
        "{subject}：{count} 个工单的回执被平台拒绝，其反馈已入库，但平台会反复下发。",
        "查看 hotline.interaction_log 中该接口的 code 与 message，把工单编号交平台处理；无需重跑。",
    ),
    "bad_answers": Condition(
        "平台数据违反规定",
        "{subject}：今天有 {count} 行平台应答违反规定，已原样隔离。",
        "查看 hotline.quarantined_answer 的 reasons，请平台更正；更正后下次收集自动入库。",
    ),
    "count_difference": Condition(
        "对账不符",
        "{subject}：有 {count} 天的数量在修复之后仍不相符。",
        "打开对账报告 reconciliation.html，其中写明日期、原因和处理办法；处理后运行 hotline reconcile --repair。",
    ),
    "not_reconciled": Condition(
        "长时间没有对账",
        "{subject}：有 {count} 天超过两天没有与平台核对过数量。",
        "查看 count_reconciliation 是否暂停或失败；运行 hotline check 查看平台；恢复后自动补核。",
    ),
    "quality_finding": Condition(
        "数据质量问题",
        "{subject}：共 {count} 处；质量检查不拦截数据，上报照常进行。",
        "{rule}全部结果见质量报告 quality.html，主键见 hotline.quality_result。",
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One thing found: a cause, what it is about (an interface, a DAG, a table's rule), since when, how many."""

    cause: str
    subject: str
    since: datetime
    count: int

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        return CONDITIONS[self.cause].title

    @property
    def text(self) -> str:
        """What happened, since when, how many, and what to do; in Chinese, without personal data."""
        condition = CONDITIONS[self.cause]
        subject, rule_remedy = _in_words(self.subject)
        what = condition.what.format(subject=subject, count=self.count)
        return f"{what}\n始于 {self.since:%Y-%m-%d %H:%M}。\n处理：{condition.remedy.format(rule=rule_remedy)}"


def _in_words(subject: str) -> tuple[str, str]:
    """A subject for people, and what to do about it where it is a rule of a table, such as `call_log calltype:code`."""
    if kind := KIND_ZH.get(subject):
        return kind, ""
    if interface := contract().get(subject):
        return f"{interface.title_zh}（{subject}）", ""
    table, _, rule = subject.partition(" ")
    if not rule:
        return subject, ""
    words = words_of(rule)
    return f"{table} {rule}（{words.bad}）", words.remedy


def find_cases(local: Connection, limits: Limits) -> list[Case]:
    """Look at every condition now.

    Args:
        local: Session on the local store.
        limits: From when on something is worth an alert.
    """
    parameters = {
        "backlog_limit": limits.backlog_limit,
        "audited": [name for name, known in contract().items() if known.audited],
        "audit_limit": limits.audit_limit,
        "quarantine_least": limits.quarantine_least,
        "quarantine_share": limits.quarantine_share,
        "silence_limit": limits.silence_limit,
        "overdue_limit": limits.overdue_limit,
        "acknowledgements": [name for name, known in contract().items() if known.kind == "acknowledge"],
        "dags": [dag for dag, _ in limits.longest_pause],
        "limits": [longest for _, longest in limits.longest_pause],
    }
    return [
        Case(cause, subject, since, count)
        for cause in CONDITIONS
        for subject, since, count in local.execute(read_sql(f"alerts/{cause}.sql").encode(), parameters).fetchall()
    ]
