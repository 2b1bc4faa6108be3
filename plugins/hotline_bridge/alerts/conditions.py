"""What is worth an alert (告警), as data: a cause, its SQL, its severity, and the Chinese words for it and what to do.

A new cause is an entry here and a file in `include/sql/alerts` that returns subject, since and count of each alert. One
that is told once, and again only when more came, returns as a fourth column when its newest alert came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking.contract_sql import shared
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from psycopg import Connection

    from hotline_bridge.alerts.limits import Limits


class Severity(IntEnum):
    """What is told first."""

    SEVERE = 1
    """严重: records do not get through, or nothing runs."""
    MAJOR = 2
    """重要: some records do not get through without somebody."""
    MINOR = 3
    """提示: everything gets through; somebody should know."""


SEVERITY_ZH: Mapping[Severity, str] = {Severity.SEVERE: "严重", Severity.MAJOR: "重要", Severity.MINOR: "提示"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One cause of alerts."""

    title: str
    what: str
    """What happened to one subject, with `{subject}` and `{count}`."""
    remedy: str
    """What to do, naming a command; `{rule}` is what to do about a broken rule of a table."""
    severity: Severity = Severity.MAJOR
    note: str = ""
    """What holds for all subjects."""


STORE_DOWN, PAUSED = "store_down", "paused"
"""The causes that no SQL finds."""
UNCHECKED = "unchecked"
"""The SQL of another cause failed."""

CONDITIONS: Mapping[str, Condition] = {
    STORE_DOWN: Condition(
        "本地库不可用",
        "本地库（连接 local_db）无法使用，上报、收集、发布全部停止",
        "运行 hotline check 查看原因，启动或恢复 PostgreSQL；恢复后各流程自动继续，数据未丢失。",
        Severity.SEVERE,
    ),
    "restoring": Condition(
        "本地库从备份恢复",
        "{subject}：对接库标记为已采集的内容，本地库可能没有；结束之前，取数、上报、收集、发布全部停止。",
        "运行 hotline restore --since TIME（TIME 为备份开始的时间）；中断过的再运行一次即可，步骤见“从备份恢复”手册。",
        Severity.SEVERE,
    ),
    "unauthorized": Condition(
        "平台拒绝认证",
        "平台拒绝了 AppId、Token 或签名，共 {count} 次；上报已停止，数据未丢失。",
        "核对连接 platform_12315 的 login、password、auth_header 和本机时钟，hotline check 可验证；改好后自动恢复。",
        Severity.SEVERE,
    ),
    "platform_dead": Condition(
        "平台无应答",
        "15 分钟内 {count} 次调用没有一次得到有效应答；数据在本地等待，自动重试。",
        "运行 hotline check 查看网络与平台；联系平台运维。恢复后自动补报，无需重跑。",
        Severity.SEVERE,
    ),
    PAUSED: Condition(
        "流程已暂停",
        "{subject}：已暂停，不再运行。",
        "运行 airflow dags unpause 加其名称启用；正在恢复备份的，按手册做完再启用。",
        Severity.SEVERE,
    ),
    "not_running": Condition(
        "流程没有运行",
        "{subject}：超过时限没有完成一次运行。",
        "运行 hotline check 查看哪些流程暂停或从未运行；暂停的用 airflow dags unpause 加其名称启用；"
        "失败的看其日志最后一行；检查 scheduler 与 dag-processor。",
        Severity.SEVERE,
        note="从未运行过的流程自部署时起算。",
    ),
    "backlog": Condition(
        "待上报积压",
        "{subject}：{count} 条等待上报超过时限。",
        "运行 hotline status 与 hotline check；查看交互日志 hotline.interaction_log 的 outcome 与 message。",
        Severity.SEVERE,
    ),
    "late": Condition(
        "上报偏慢",
        "{subject}：最近一小时上报 {count} 条，其中二十分之一以上从写入到上报超过时限。",
        "运行 hotline status 查看用时；平台停过的，补报之后自动恢复；否则查看任务是否排队（资源池、并行数）、"
        "机器是否繁忙，HOTLINE_LOOK_S 是否为 0。",
        note="等待审核的不计；一小时不足 20 条时不告警。",
    ),
    UNCHECKED: Condition(
        "告警项无法检查",
        "{subject}：本地库拒绝了这一项的查询，是否有问题不得而知。",
        "刚升级过的先运行 hotline migrate；否则运行 hotline check 检查本地库的权限与状态。",
        Severity.SEVERE,
    ),
    "notifier_dead": Condition(
        "告警无法送达",
        "{subject}：今天有 {count} 条告警没有送达。",
        "核对该连接的设置、网络与对方服务；改好后用 hotline alerts --send 立即补发今天没有送达的。",
    ),
    "refused_for_good": Condition(
        "平台拒收期满",
        "{subject}：{count} 条被拒收满一周，不再自动重试。",
        "运行 hotline replay --dry-run（工单加 --flow order，下同）查看平台的说明；原因消除后 hotline replay 重发，"
        "确认不再上报的用 hotline discard 作废。",
        note="有新增时才再次通知。",
    ),
    "refused": Condition(
        "平台拒收",
        "{subject}：{count} 条被平台拒收。",
        "运行 hotline replay --dry-run（工单加 --flow order）查看平台的说明；原因消除后 hotline replay 立即重发。",
        note="一周内每天自动重试一次。",
    ),
    "quarantine_growing": Condition(
        "隔离数量异常",
        "{subject}：今天已有 {count} 行违反规定而被隔离，比例偏高。",
        "运行 hotline quarantine list 查看原因；请 12345 更正来源行，更正后自动放行。",
    ),
    "put_aside": Condition(
        "有行不能入库",
        "{subject}：{count} 行不能入库，已单独隔离，不影响其他行。",
        "运行 hotline quarantine list 查看原因（补单、催办、时限用 hotline order notes，应答用 hotline answers list）；"
        "请 12345 或平台更正该行，更正后自动恢复。",
        note="有新增时才再次通知。",
    ),
    "shared_number": Condition(
        "不同记录共用编号",
        "{subject}：{count} 条与另一条记录编号相同，而姓名、时间、电话等都不同，不是更正；已隔离，没有上报。",
        "运行 hotline quarantine list 查看；请 12345 给它们各自的编号（多为电子表格改写所致）再写入，之后用 "
        "hotline quarantine discard 作废；确为更正的用 hotline quarantine release --as-correction 放行。",
    ),
    "silence": Condition(
        "12345 长时间无数据",
        "{subject}：对接库没有新数据，时间超过此前两周的任何一次。",
        "请 12345 检查写入对接库的程序；运行 hotline check 检查对接库连接与权限。",
    ),
    "incomplete": Condition(
        "收集不完整",
        "{subject}：有 {count} 处登记时间（一两秒之内）的数据超过平台一次应答的 500 行，未能全部取得。",
        "运行 hotline collect case（或 process、feedback）查看是哪些时间，请平台运维导出这些工单，"
        "导出后用 hotline accept incomplete 认可；平台减少后自动恢复。",
    ),
    "windows_overdue": Condition(
        "收集滞后",
        "{subject}：{count} 个登记时间窗口超过时限没有取得完整应答。",
        "查看 case_collect、process_collect、feedback_repair 是否暂停或失败，"
        "以及 hotline.collection_window 的 message；运行 hotline check。恢复后自动补查。",
    ),
    "interface_failing": Condition(
        "接口一直失败",
        "{subject}：{count} 次调用全部失败，没有得到可用的应答；已取得的数据不受影响，失败的自动重试。",
        "查看交互日志 hotline.interaction_log 中该接口的 http_status 与 message；运行 hotline check；联系平台运维。"
        "恢复后自动补取。",
        severity=Severity.SEVERE,
    ),
    "count_difference": Condition(
        "对账不符",
        "{subject}：有 {count} 天的数量在修复之后仍不相符。",
        "打开对账报告 reconciliation.html，其中写明日期、原因和处理办法；处理后运行 hotline reconcile --repair，"
        "不能消除的用 hotline accept day 认可。",
    ),
    "not_reconciled": Condition(
        "长时间没有对账",
        "{subject}：有 {count} 天超过两天没有与平台核对过数量。",
        "查看 count_reconciliation 是否暂停或失败；运行 hotline check 查看平台，再运行 hotline reconcile 立即补核。",
    ),
    "unacknowledged": Condition(
        "反馈回执被拒",
        "{subject}：{count} 个工单的回执被平台拒绝，其反馈已入库，但平台会反复下发。",
        "把 hotline.interaction_log 中的工单编号、code 与 message 交平台处理；之后 hotline collect feedback 再试。",
    ),
    "feedback_unfetched": Condition(
        "反馈久未获取",
        "{subject}：{count} 条反馈超过时限没有获取并回写。",
        "请对方检查其获取程序；运行 hotline client list 查看其最近一次获取的时间，调用见 hotline.interaction_log。"
        "对方改用对接库的，运行 hotline client revoke 停用。",
    ),
    "callers_refused": Condition(
        "网关拒绝调用",
        "{subject}：最近一小时有 {count} 次调用因校验信息不正确被拒绝。",
        "查看交互日志 hotline.interaction_log 中 gateway/ 开头的接口的 code；刚换过 Token 的，请对方改用新的，"
        "hotline client list 查看在用的 Token；不是对方的，请检查网关前的地址名单。",
    ),
    "audit_waiting": Condition(
        "工单久未审核",
        "{subject}：{count} 条等待上报前审核超过时限；未经审核不上报。",
        "运行 hotline audit list 查看，逐条 hotline audit pass 或 hotline audit return。",
    ),
    "bad_answers": Condition(
        "平台数据违反规定",
        "{subject}：今天有 {count} 行平台应答违反规定，已原样隔离。",
        "运行 hotline answers list 查看原因，请平台更正，之后自动入库；不能更正的用 hotline answers 放行或作废。",
        Severity.MINOR,
    ),
    "no_partition": Condition(
        "缺少月分区",
        "{subject}：有 {count} 行没有所属月份的分区，暂存于默认分区；数据未丢失，读取不受影响。",
        "运行 airflow dags trigger maintenance，它补建分区并移入（每晚自动运行）；反复出现则核对本机时钟。",
        Severity.MINOR,
    ),
    "rollups_late": Condition(
        "分析数据滞后",
        "{subject}：有 {count} 处变化超过时限没有计入分析用的汇总表；业务不受影响。",
        "查看 analytics_refresh 是否暂停或失败；运行 hotline rollup 立即重算，其最后一行说明原因。",
        Severity.MINOR,
    ),
    "quality_finding": Condition(
        "数据质量问题",
        "{subject}：共 {count} 处。",
        "{rule}运行 hotline quality 查看现状；处理办法见质量报告 quality.html，主键见 hotline.quality_result。",
        Severity.MINOR,
        note="质量检查不拦截数据，上报照常进行。",
    ),
    "erased_again": Condition(
        "已删除的个人信息又来",
        "{subject}：{count} 条已删除个人信息的记录又取得新内容，入库时已再次删除。",
        "不需处理。12345 重新写入的工单照常上报，报文在上报后清除；本人要求把新的诉求也删除的，再运行 hotline erase。",
        Severity.MINOR,
        note="有新增时才再次通知。",
    ),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing found: a cause, what it is about (an interface, a DAG, a table's rule), since when, how many."""

    cause: str
    subject: str
    since: datetime
    count: int
    newest: datetime | None = None
    """When the newest of them came, of a cause that is told once."""
    seen_at: datetime | None = None
    """When it was last found, of one that is told later."""


def find_alerts(local: Connection, limits: Limits, causes: Iterable[str] = CONDITIONS) -> list[Alert]:
    """Look at every condition now. One that cannot be looked at is an alert too, and hides no other.

    Args:
        local: Session on the local store.
        limits: From when on something is worth an alert.
        causes: Only these.

    Raises:
        psycopg.OperationalError: The session broke off.
    """
    parameters = {
        "backlog_limit": limits.backlog_limit,
        "late_limit": limits.late_limit,
        "audited": [name for name, known in contract().items() if known.audited],
        "audit_limit": limits.audit_limit,
        "quarantine_least": limits.quarantine_least,
        "quarantine_share": limits.quarantine_share,
        "shared": [shared(known) for known in contract().values() if known.named_by],
        "silence_limit": limits.silence_limit,
        "overdue_limit": limits.overdue_limit,
        "daily": [known.name for known in interfaces_of("feedback") if known.kind == "query"],
        "failing_limit": limits.failing_limit,
        "fetch_limit": limits.fetch_limit,
        "refused_least": limits.refused_least,
        "rollup_limit": limits.rollup_limit,
        "reads": [name for name, known in contract().items() if known.kind in {"query", "drain", "reconcile"}],
        "acknowledgements": [name for name, known in contract().items() if known.kind == "acknowledge"],
        "dags": [dag for dag, _ in limits.longest_pause],
        "limits": [longest for _, longest in limits.longest_pause],
    }
    alerts: list[Alert] = []
    for cause in causes:
        if cause in {STORE_DOWN, PAUSED, UNCHECKED}:
            continue
        try:
            rows = local.execute(read_sql(f"alerts/{cause}.sql"), parameters).fetchall()
        except psycopg.Error:
            if local.closed:
                raise
            alerts.append(Alert(UNCHECKED, CONDITIONS[cause].title, datetime.now(UTC), 1))
        else:
            alerts += [Alert(cause, *row) for row in rows]
    return alerts
