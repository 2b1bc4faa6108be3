"""交互日志 (specification 4.3): every call of the platform, how it ended, and how calls of each interface end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, names_of
from hotline_bridge.gateway.calls import FAILED, LOGGED_AS, SERVED, TURNED_AWAY
from hotline_bridge.gateway.feedback import SERVED as SERVED_INTERFACES
from hotline_bridge.gateway.form_calls import NAME as EMBED
from hotline_bridge.names import DAG_ZH
from hotline_bridge.pages.asked import ROWS, Asked, Fields, NoSuchThing, Shown, place
from hotline_bridge.platform_client.answers import Outcome
from hotline_bridge.reports.charts import Chart, Series, bars, lines, percent
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        Outcome.DELIVERED: "成功",
        Outcome.DUPLICATE: "平台已有",
        Outcome.REFUSED: "平台拒绝",
        Outcome.TRY_LATER: "平台暂不能处理",
        Outcome.NO_ANSWER: "没有完整应答",
        Outcome.UNREACHABLE: "无法连接",
        Outcome.UNAUTHORIZED: "认证被拒",
        SERVED: "已应答",
        TURNED_AWAY: "未通过校验",
        FAILED: "应答失败",
    }
)
_DAYS = 2
_MOST_DAYS, _MOST_DAYS_OF_RATES = 31, 5
"""What is read for one page: without a key the log has no other index than its time."""


def search(asked: Asked) -> Shown:
    """The page: what fits the form, and the rates of its time."""
    fields = Fields(asked.given)
    since, until = fields.days("first", "last", within=_DAYS)
    interface, key = fields.choice("interface", known := _interfaces(asked.say)), fields.text("key")
    if not key and until - since > timedelta(days=_MOST_DAYS):
        fields.wrong["first"] = "最多查询 31 天；按编号查询时不限"
        since = until - timedelta(days=_MOST_DAYS)
    after_at, after_id = fields.after("after", (datetime, int)) or (None, None)
    wanted = {
        "since": since,
        "until": until,
        # By interface and key there is an index.
        "interfaces": [interface] if interface else [*known] if key else None,
        "outcome": fields.choice("outcome", OUTCOMES),
        "code": fields.text("code"),
        "key": key,
        "after_at": after_at,
        "after_id": after_id,
    }
    longest = timedelta(days=_MOST_DAYS_OF_RATES)
    rated = since if until - since <= longest else until - longest
    values = {"fields": fields, "days": (since, until), "rated": (rated, until)}
    if key or wanted["code"]:  # of which rates say nothing
        return Shown("exchanges.html.j2", {**values, **_found(asked, wanted), "flows": ()})
    flows = _flows(asked, {**wanted, "since": rated})
    return Shown("exchanges.html.j2", {**values, **_found(asked, wanted), "flows": flows})


def of_run(asked: Asked) -> Shown:
    """What a run of a DAG did with the platform.

    Raises:
        NoSuchThing: It is no DAG of the bridge, or there is no such run.
    """
    dag, run_id = asked.path["dag"], asked.path["run_id"]
    if dag not in DAG_ZH:
        raise NoSuchThing("这不是热线对接的流程：没有与平台的交互。")
    if not (interfaces := _asked_by(dag)):
        raise NoSuchThing(f"流程“{DAG_ZH[dag]}”不与平台交互。")
    run = asked.user.runs.find(dag, run_id)
    if run is None:
        raise NoSuchThing("没有这次运行，或还没有开始。")
    # What its interfaces were asked meanwhile, it asked, or somebody by hand, or for some seconds the run beside it.
    wanted = {"since": run.begin, "until": run.end or datetime.now(SHANGHAI), "interfaces": interfaces}
    wanted |= dict.fromkeys(("outcome", "code", "key", "after_at", "after_id"))
    values = {"fields": Fields({}), "dag": DAG_ZH[dag], "run_id": run_id, "run": run}
    return Shown("run.html.j2", {**values, **_found(asked, wanted), "flows": _flows(asked, wanted)})


def _found(asked: Asked, wanted: Mapping[str, Any]) -> dict[str, Any]:
    found = asked.local.execute(read_sql("pages/exchanges.sql", "exchanges"), {**wanted, "limit": ROWS + 1}).fetchall()
    return {
        "interfaces": _interfaces(asked.say),
        "outcomes": OUTCOMES,
        "found": found[:ROWS],
        "next": place(found[ROWS - 1][1], found[ROWS - 1][0]) if len(found) > ROWS else None,
    }


@dataclass(frozen=True, slots=True)
class Flow:
    """How the calls of one direction end and how long they take, by interface and over time, with its charts."""

    title: str
    rates: Sequence[tuple[Any, ...]]
    """Interface, calls, those that succeeded, median and 95 of a hundred in milliseconds."""
    over_time: Sequence[tuple[str, int, int]]
    """Label, calls, those that succeeded."""
    charts: Sequence[Chart]


def _direction(interface: str) -> str:
    """Whether the bridge reports, asks and fetches, or answers 12345: their times and failures have other causes."""
    if interface.startswith(LOGGED_AS):
        return "12345 调用网关"
    known = contract().get(interface)
    return "上报平台" if known is not None and known.kind == "report" else "从平台收集"


def _flows(asked: Asked, wanted: Mapping[str, Any]) -> list[Flow]:
    """Success and time of each direction that there were calls in."""
    by_hour = wanted["until"] - wanted["since"] <= timedelta(days=_DAYS)
    step = timedelta(hours=1) if by_hour else timedelta(days=1)
    steps = _steps(wanted["since"], wanted["until"], step)
    rates: dict[str, list[tuple[Any, ...]]] = {}
    times: dict[str, dict[datetime, tuple[int, int]]] = {}
    for name, begins, calls, good, *times_ms in asked.local.execute(
        read_sql("pages/exchanges.sql", "rates"), {**wanted, "step": step}
    ):
        if begins is None:
            rates.setdefault(_direction(name), []).append((name, calls, good, *times_ms))
        else:
            of_direction = times.setdefault(_direction(name), {})
            before = of_direction.get(begins, (0, 0))
            of_direction[begins] = before[0] + calls, before[1] + good
    labels = [f"{at:{asked.say('%d日%H时') if by_hour else '%m-%d'}}" for at in steps]
    return [
        _flow(
            asked.say,
            title,
            rates[title],
            [(label, *times[title].get(at, (0, 0))) for label, at in zip(labels, steps, strict=True)],
        )
        for title in ("上报平台", "从平台收集", "12345 调用网关")
        if title in rates and title in times
    ]


def _flow(
    say: Callable[[str], str], title: str, rates: Sequence[tuple[Any, ...]], over_time: Sequence[tuple[str, int, int]]
) -> Flow:
    called = _interfaces(say)
    names = [called.get(name, name) for name, *_ in rates]
    labels = [label for label, *_ in over_time]
    calls = Series(say("调用次数"), [calls for _, calls, _ in over_time])
    bad = Series(say("没有成功"), [calls - good for _, calls, good in over_time])
    shares = Series(say("成功率"), [good / calls for _, calls, good, *_ in rates])
    medians = Series(say("中位"), [median for *_, median, _ in rates])
    slow = Series("95%", [p95 for *_, p95 in rates])
    charts = [
        lines(f"{say(title)}：{say('调用')}", labels, [calls, bad]),
        bars(f"{say(title)}：{say('成功率')}", names, [shares], shown=percent),
        bars(f"{say(title)}：{say('耗时（毫秒）')}", names, [medians, slow]),
    ]
    return Flow(title, rates, over_time, charts)


def _steps(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """The hours or days of a time, as a clock in Shanghai shows them."""
    begin, end = (moment.astimezone(SHANGHAI).replace(tzinfo=None) for moment in (since, until))
    begin = begin.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        begin = begin.replace(hour=0)
    return [begin + n * step for n in range(-((begin - end) // step))]


def _asked_by(dag: str) -> Sequence[str]:
    """The interfaces that a DAG asks the platform."""
    queries = [*names_of("case", "query")]
    counts = [name for name, interface in contract().items() if interface.kind == "reconcile"]
    acknowledged = [name for name, interface in contract().items() if interface.kind == "acknowledge"]
    return {
        "telephony_report": names_of("telephony", "report"),
        "order_report": names_of("order", "report"),
        "case_collect": queries,
        "process_collect": names_of("process", "query"),
        "feedback_collect": [*names_of("feedback", "drain"), *acknowledged],
        "feedback_repair": names_of("feedback", "query"),
        "count_reconciliation": [*counts, *queries, *names_of("order", "report")],
    }.get(dag, [])


def _interfaces(say: Callable[[str], str]) -> dict[str, str]:
    called = {name: say(interface.label_zh) for name, interface in contract().items()}
    served = {f"{LOGGED_AS}{name}": say("网关：") + called[name] for name in SERVED_INTERFACES}
    return {**called, **served, f"{LOGGED_AS}{EMBED}": say("网关：") + say("打开受理页")}
