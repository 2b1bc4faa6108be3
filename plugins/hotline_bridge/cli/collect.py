"""`hotline collect`: what the DAGs of cases, processes and feedback do, once, without Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.options import (
    COLLECTED,
    Begin,
    Budget,
    CollectInterfaces,
    DryRun,
    End,
    Flow,
    FlowArgument,
    flows,
)
from hotline_bridge.cli.output import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from hotline_bridge.contract.model import Interface


def collect(
    flow_argument: FlowArgument = None,
    flow: Flow = None,
    interface: CollectInterfaces = None,
    begin: Begin = None,
    end: End = None,
    budget_s: Budget = 600.0,
    dry_run: DryRun = False,
) -> None:
    """Collect from the platform 收集 what is due, as the DAGs do; ends non-zero where anything failed or is late.

    With a window it visits these registration times, due or not.
    """
    from hotline_bridge.tasks import inbound as steps
    from hotline_bridge.window import asked_window

    asked_window(begin, end)  # before a drain is asked, which has no window
    queried: list[str] = []
    found: list[str] = []
    for name, chosen in _chosen(flows(COLLECTED, flow_argument, flow), interface).items():
        drains = [known.name for known in chosen if known.kind == "drain"]
        queries = [known.name for known in chosen if known.kind == "query"]
        queried += queries
        if dry_run and queries:
            render(_table(f"{name}: would be visited 将要查询", steps.plan(queries, begin, end)))
        if dry_run:
            continue
        # Feedback queries come after the drain, as they look for what it left.
        counts = steps.drain_feedback(drains, budget_s) if drains and not begin else {}
        if queries:
            counts |= steps.collect(queries, begin, end, repair=name == "feedback", budget_s=budget_s)
        if counts:
            render(_table(name, counts))
        found += steps.failing(counts) + steps.blocked(counts)
    if queried and not dry_run:
        found += steps.overdue(queried) + steps.incomplete(queried)
    for sentence in found:
        typer.echo(sentence, err=True)
    if found:
        raise typer.Exit(1)


def _chosen(names_of_flows: list[str], only: list[str] | None) -> dict[str, list[Interface]]:
    """What is collected, by flow; flows of which nothing is wanted are left out."""
    from hotline_bridge.contract.reader import interfaces_of

    collected = {flow: [known for known in interfaces_of(flow) if known.kind in COLLECTED] for flow in names_of_flows}
    names = {known.name for chosen in collected.values() for known in chosen}
    if strange := set(only or ()) - names:
        raise typer.BadParameter(
            f"{', '.join(sorted(strange))}: not collected here; there are {', '.join(sorted(names))}"
        )
    wanted = {
        flow: [known for known in chosen if only is None or known.name in only] for flow, chosen in collected.items()
    }
    return {flow: chosen for flow, chosen in wanted.items() if chosen}


def _table(title: str, counts: Mapping[str, Mapping[str, int]]) -> Table:
    """A line an interface, a column for each count that is not 0 everywhere."""
    from rich.table import Table

    columns = list(dict.fromkeys(what for done in counts.values() for what, count in done.items() if count))
    table = Table(title=title)
    table.add_column("interface 接口")
    for what in columns:
        table.add_column(what.replace("_", "\n"), justify="right")
    for name, done in counts.items():
        table.add_row(name, *(str(done.get(what, 0)) for what in columns))
    return table
