"""The steps of the inbound flows, with their connections resolved: DAG tasks and the command line call the same ones.

Heavy imports stand inside the functions, so that a DAG file that names these steps stays light to parse.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.tasks.runs import unless_restoring
from hotline_bridge.window import asked_window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.platform_client.settings import PlatformSettings

log = logging.getLogger(__name__)

Counts = dict[str, dict[str, int]]
"""Small numbers by interface and by what they count: fit for XCom."""

FIRST_COLLECTED_DAYS = 120
"""Where `collect_from` is not set, the first run begins so many days back."""


@unless_restoring
def collect(
    interfaces: Sequence[str],
    begin: str | None = None,
    end: str | None = None,
    *,
    repair: bool = False,
    budget_s: float = 600.0,
) -> Counts:
    """Visit the windows of registration time that are due (`inbound.collect`), with those that orders came into late.

    Args:
        interfaces: Wire names of queries.
        begin: With `end`: visit exactly these registration times, due or not. ISO text; Asia/Shanghai where it names
            no zone.
        end: See `begin`.
        repair: Visit in the slower policy of `feedback_repair`.
        budget_s: Seconds after which nothing more is asked.

    Raises:
        StopRun: A connection is missing, the platform refuses the authentication, or the window is none.
        TryAgainLater: The local store cannot be reached.
    """
    import uvloop

    from hotline_bridge.contract.reader import contract
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound import collect as collecting
    from hotline_bridge.inbound.schedule import REFRESH_POLICY, REPAIR_POLICY, mark_late
    from hotline_bridge.store.database import connect

    settings = platform_settings()
    _release_asked(interfaces)
    with connect(conninfo("local_db")) as local:
        if late := mark_late(local):
            log.info("%d windows are due at once: orders were delivered after their last visit", late)
    found = uvloop.run(
        collecting.collect(
            [contract()[name] for name in interfaces],
            conninfo("local_db"),
            settings,
            policy=REPAIR_POLICY if repair else REFRESH_POLICY,
            collect_from=collect_from_of(settings),
            within=asked_window(begin, end),
            budget_s=budget_s,
        )
    )
    return {name: done.as_dict() for name, done in found.items()}


def _release_asked(interfaces: Sequence[str]) -> None:
    """Take in rows of answers that somebody released on a page."""
    import uvloop

    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound.quarantine import release_asked

    if taken_in := uvloop.run(release_asked(conninfo("local_db"), interfaces)):
        log.info("%d rows of answers are taken in, as somebody asked on a page", taken_in)


def plan(interfaces: Sequence[str], begin: str | None = None, end: str | None = None) -> Counts:
    """What `collect` would visit now, without asking anything: windows, their days, and why, by interface.

    Raises:
        StopRun: A connection is missing, or the window is none, or has not begun.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound.schedule import read_plan
    from hotline_bridge.store.database import connect

    within = asked_window(begin, end)
    collect_from = collect_from_of(platform_settings())
    with connect(conninfo("local_db")) as local:
        return {name: read_plan(local, contract()[name], collect_from, within) for name in interfaces}


@unless_restoring
def drain_feedback(interfaces: Sequence[str], budget_s: float = 240.0, *, only_due: bool = False) -> Counts:
    """Fetch, store and acknowledge the feedback that waits on the platform (`inbound.feedback`).

    Args:
        interfaces: Wire names of drains.
        budget_s: Seconds after which nothing more is fetched.
        only_due: Leave a drain alone that was empty a short while ago; what a schedule asks for, and nobody else.

    Raises:
        StopRun: The connection is missing, or the platform refuses the authentication.
        TryAgainLater: The local store cannot be reached.
    """
    import uvloop

    from hotline_bridge.contract.reader import contract
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.inbound import feedback

    _release_asked(interfaces)
    found = uvloop.run(
        feedback.drain(
            [contract()[name] for name in interfaces],
            conninfo("local_db"),
            platform_settings(),
            only_due=only_due,
            budget_s=budget_s,
        )
    )
    return {name: done.as_dict() for name, done in found.items()}


def unsound(counts: Counts, interfaces: Sequence[str]) -> list[str]:
    """All that turns a run over queries red, each as a sentence in Chinese: what failed in it, and what is not whole.

    Args:
        counts: What `collect` gave.
        interfaces: Wire names of the queries.

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the limits cannot be read.
        TryAgainLater: The local store cannot be reached.
    """
    return failing(counts) + overdue(interfaces) + incomplete(interfaces)


def incomplete(interfaces: Sequence[str]) -> list[str]:
    """Seconds of registration that could not be collected whole, each as a sentence in Chinese.

    See architecture: a full answer is suspect. Those that somebody has accepted (`hotline accept`) are left out.

    A window of the bottom holds two, and which of them overflows cannot always be told.
    """
    from hotline_bridge.contract.reader import contract
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        found = local.execute(
            "SELECT subject, to_char(begins, 'YYYY-MM-DD HH24:MI:SS'), to_char(ends, 'HH24:MI:SS')"
            " FROM hotline.unaccepted WHERE unexplained IS NULL AND subject = ANY(%s)"
            " ORDER BY begins LIMIT 20",
            [list(interfaces)],
        ).fetchall()
    return [
        f"{contract()[name].label_zh}：登记于 {begin} 至 {end} 的数据在一秒内达到 500 行，未能全部取得"
        for name, begin, end in found
    ]


def blocked(counts: Counts) -> list[str]:
    """Drains that hand out nothing which can be acknowledged, each as a sentence in Chinese.

    See architecture: fetch, store, acknowledge.
    """
    from hotline_bridge.contract.reader import contract

    return [
        f"{contract()[name].label_zh}：反馈被无法回执的数据堵住，请联系平台处理这些数据"
        for name, done in counts.items()
        if done.get("blocked")
    ]


def failing(counts: Counts) -> list[str]:
    """Interfaces of which something brought no usable answer in a run, each as a sentence in Chinese.

    See architecture: ends in the right colour.

    Args:
        counts: Of one run, as `collect` or `drain_feedback` gave them.
    """
    from hotline_bridge.contract.reader import contract

    return [
        f"{contract()[name].label_zh}（{name}）：{_what_failed(done)}。{_FAILING_REMEDY}"
        for name, done in counts.items()
        if done["failed"]
    ]


def _what_failed(done: Mapping[str, int]) -> str:
    if "fetches" in done:
        return "取数失败" if not done["fetches"] else f"已取数 {done['fetches']} 次，其中 {done['failed']} 次调用失败"
    told = f"{done['failed']} 个登记时间窗口没有得到可用的应答"
    if done["unanswered"] == done["requests"]:
        told = f"全部 {done['requests']} 次查询失败，{told}"
    return told if not done["left_s"] else f"{told}，另有约 {-(-done['left_s'] // 86_400)} 天的登记时间未及查询"


def overdue(interfaces: Sequence[str]) -> list[str]:
    """Interfaces whose windows wait for an answer longer than the limit of alerts, told as the alert tells them.

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the limits cannot be read.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.alerts.conditions import find_alerts
    from hotline_bridge.alerts.entries import entries
    from hotline_bridge.alerts.limits import limits_of_deployment
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        cases = find_alerts(local, limits_of_deployment(), ["windows_overdue"])
    found = entries([case for case in cases if case.subject in interfaces])
    return [entry.text.replace("\n", "") for entry in found]


def collect_from_of(settings: PlatformSettings) -> datetime:
    """From which registration time on a deployment collects."""
    return settings.collect_from or datetime.now(SHANGHAI) - _FIRST


def summary(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The counts of a run in Chinese, a line an interface."""
    from hotline_bridge.contract.reader import contract

    lines = []
    for name, done in counts.items():
        told = [f"{word} {done[what]}" for what, word in _WORDS.items() if done.get(what)]
        lines.append(f"{contract()[name].label_zh}：{'、'.join(told) or '没有到期的窗口'}")
    return "\n".join(lines)


_FIRST = timedelta(days=FIRST_COLLECTED_DAYS)
_FAILING_REMEDY = (
    "已取得的已保存，失败的在以后的运行中自动重试；持续出现时运行 hotline check，"
    "查看 hotline.interaction_log 中该接口的 http_status 与 message，联系平台运维"
)
_WORDS = {
    "requests": "查询",
    "fetches": "取数",
    "cut": "因满 500 行而细分",
    "rows": "应答行",
    "added": "新增",
    "replaced": "更新",
    "quarantined": "隔离",
    "acknowledged": "已回执",
    "refused": "回执被拒",
    "numberless": "无编号",
    "missing": "不再出现",
    "outside": "窗口之外",
    "unknown_fields": "未知字段",
    "incomplete_seconds": "不完整的秒",
    "failed": "失败",
    "rested": "不久前已取空而未查询",
}
