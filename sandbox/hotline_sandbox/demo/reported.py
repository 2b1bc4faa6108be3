"""The outbound half of `make demo`: sample rows go to the platform, and of them comes what the sample foretells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hotline_bridge.cli.output import render
from hotline_bridge.cli.status import as_table, read_status
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.stage import console, step
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotline_bridge.outbound.status import LogStatus
    from hotline_sandbox.demo.stage import Stage
    from hotline_sandbox.sample.load import SampleCounts

DAGS = ("telephony_report", "order_report")


def report(stage: Stage) -> list[str]:
    """Write samples of logs and of orders into the docking store, and report them."""
    scale = stage.scale
    with step(f"sample 写入 {scale.rows} 行话务样例、{scale.orders} 行工单样例 (invented, {scale.dirty:.0%} dirty)"):
        logs = load_sample(stage.docking, rows=scale.rows, dirty=scale.dirty, seed=scale.seed)
        orders = load_orders(stage.docking, orders=scale.orders, dirty=scale.dirty, seed=scale.seed)
    with step(f"airflow: {', '.join(DAGS)} 由 Airflow 上报"):
        stage.home.test_dags(*DAGS, log=stage.folder / "report.log")
    return [*_judged("telephony", stage, logs), *_judged("order", stage, orders)]


def _judged(flow: str, stage: Stage, written: SampleCounts) -> Iterator[str]:
    logs = read_status(flow, stage.docking, stage.local)
    render(as_table(logs))
    quarantined = sum(log.versions["quarantined"] for log in logs)
    console.print(_EXPLAINED[flow].format(quarantined=quarantined))
    yield from not_adding_up(logs)
    yield from not_as_sampled(logs, written, _by_form(stage))
    yield from _not_as_the_platform_says(logs, stage)


_EXPLAINED = {
    "telephony": (
        "{quarantined} rows break a printed rule and are quarantined, with reasons; seat logins without sign-out are "
        "held; the rest is delivered. Corrected rows are superseded by their correction.\n"
        "已隔离：违反规定；暂存：坐席未签出；已被取代：有更正。"
    ),
    "order": (
        "{quarantined} orders break a printed rule; 12345 reads why in docking.order_status. What was corrected or "
        "supplemented goes out as its newest content.\n"
        "已隔离：违反规定，原因回写给 12345；已被取代：有更正或补单，按最新内容上报。"
    ),
}


def not_adding_up(logs: list[LogStatus]) -> Iterator[str]:
    """A sentence for each interface of which a row is on its way, refused or unaccounted for."""
    for log in logs:
        if not log.adds_up or log.uncollected or log.versions["waiting"] or log.versions["rejected"]:
            yield f"{log.interface.name}: not every row is delivered, held, quarantined, superseded or a copy"


def _by_form(stage: Stage) -> Counter[str]:
    return Counter(order.kind for city in stage.cities for order in city.orders.values())


def not_as_sampled(logs: list[LogStatus], written: SampleCounts, by_form: Counter[str]) -> Iterator[str]:
    """A sentence for each count that is not what the sample was made for, and what went by the form beside it."""
    for log in logs:
        sampled = written.tables[str(log.interface.table)]
        expected: Mapping[str, int] = {
            "delivered": sampled.delivered + by_form[log.interface.name],
            "held": sampled.held,
            "quarantined": sampled.quarantined,
            "superseded": sampled.superseded,
        }
        for state, count in expected.items():
            if log.versions[state] != count:
                yield f"{log.interface.name}: {log.versions[state]} {state}, but the sample holds {count}"


def _not_as_the_platform_says(logs: list[LogStatus], stage: Stage) -> Iterator[str]:
    """The platform's own history: each delivered version, also one that was composed of an order, accepted once."""
    counts = stage.platform.counts()
    with connect(stage.local) as local:
        delivered: dict[str, int] = dict(
            local.execute(
                "SELECT interface, count(*) FROM hotline.delivery WHERE state = 'delivered' GROUP BY interface"
            ).fetchall()
        )
    for log in logs:
        name = log.interface.name
        accepted = counts[name]["accepted"]
        console.print(f"platform 平台: {name} accepted {accepted}")
        if accepted != delivered[name]:
            yield f"{name}: {delivered[name]} delivered, but the platform accepted {accepted}"
