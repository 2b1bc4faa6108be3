"""交互日志 (specification 4.3): every call of the platform, how it ended, and how calls of each interface end."""

from __future__ import annotations

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
from hotline_bridge.reports.charts import Series, bars, lines, percent
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    interface, key = fields.choice("interface", _interfaces()), fields.text("key")
    if not key and until - since > timedelta(days=_MOST_DAYS):
        fields.wrong["first"] = "最多查询 31 天；按编号查询时不限"
        since = until - timedelta(days=_MOST_DAYS)
    after_at, after_id = fields.after("after", (datetime, int)) or (None, None)
    wanted = {
        "since": since,
        "until": until,
        # By interface and key there is an index.
        "interfaces": [interface] if interface else list(_interfaces()) if key else None,
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
        return Shown("exchanges.html.j2", {**values, **_found(asked, wanted), "rates": ()})
    return Shown("exchanges.html.j2", {**values, **_found(asked, wanted), **_rates(asked, {**wanted, "since": rated})})


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
    run = asked.runs.find(dag, run_id)
    if run is None:
        raise NoSuchThing("没有这次运行，或还没有开始。")
    # One run of a DAG at a time: what its interfaces were asked meanwhile, it asked, or somebody by hand.
    wanted = {"since": run.begin, "until": run.end or datetime.now(SHANGHAI), "interfaces": interfaces}
    wanted |= dict.fromkeys(("outcome", "code", "key", "after_at", "after_id"))
    values = {"fields": Fields({}), "dag": DAG_ZH[dag], "run_id": run_id, "run": run}
    return Shown("run.html.j2", {**values, **_found(asked, wanted), **_rates(asked, wanted)})


def _found(asked: Asked, wanted: Mapping[str, Any]) -> dict[str, Any]:
    found = asked.local.execute(read_sql("pages/exchanges.sql", "exchanges"), {**wanted, "limit": ROWS + 1}).fetchall()
    return {
        "interfaces": _interfaces(),
        "outcomes": OUTCOMES,
        "found": found[:ROWS],
        "next": place(found[ROWS - 1][1], found[ROWS - 1][0]) if len(found) > ROWS else None,
    }


def _rates(asked: Asked, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Success and time by interface and over time, each with its chart."""
    by_hour = wanted["until"] - wanted["since"] <= timedelta(days=_DAYS)
    rates = [
        (name, calls, good, *percentiles)
        for name, calls, good, percentiles in asked.local.execute(read_sql("pages/exchanges.sql", "rates"), wanted)
    ]
    times = asked.local.execute(
        read_sql("pages/exchanges.sql", "over_time"), {**wanted, "unit": "hour" if by_hour else "day"}
    ).fetchall()
    steps = _steps(wanted["since"], wanted["until"], timedelta(hours=1) if by_hour else timedelta(days=1))
    labels = [f"{step:%d日%H时}" if by_hour else f"{step:%m-%d}" for step in steps]
    known = {begins: (calls, good) for begins, calls, good in times}
    over_time = [(label, *known.get(step, (0, 0))) for label, step in zip(labels, steps, strict=True)]
    names = [str(_interfaces().get(name, name)) for name, *_ in rates]
    return {
        "rates": rates,
        "over_time": over_time,
        "charts": [
            lines(
                "调用",
                labels,
                [
                    Series("调用次数", [calls for _, calls, _ in over_time]),
                    Series("没有成功", [calls - good for _, calls, good in over_time]),
                ],
            ),
            bars("成功率", names, [Series("成功率", [good / calls for _, calls, good, *_ in rates])], shown=percent),
            bars(
                "耗时（毫秒）",
                names,
                [
                    Series("中位", [round(median) for *_, median, _ in rates]),
                    Series("95%", [round(p95) for *_, p95 in rates]),
                ],
            ),
        ]
        if rates
        else [],
    }


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


def _interfaces() -> dict[str, str]:
    called = {name: str(interface.label_zh) for name, interface in contract().items()}
    served = {f"{LOGGED_AS}{name}": f"网关：{called[name]}" for name in SERVED_INTERFACES}
    return {**called, **served, f"{LOGGED_AS}{EMBED}": "网关：打开受理页"}
