"""`hotline report`: what the DAGs of telephony logs and orders do, once, without Airflow's scheduler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from hotline_bridge.cli.options import REPORTED, Begin, Budget, DryRun, End, Flow, FlowArgument, Json, flows
from hotline_bridge.errors import Failures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.contract.model import Interface


def report(
    flow_argument: FlowArgument = None,
    flow: Flow = None,
    begin: Begin = None,
    end: End = None,
    budget_s: Budget = 300.0,
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Take in and send what is due 上报, once, as the DAGs do; with a window, read rows written in it again.

    Ends non-zero where a row could not be read, or a request failed or was refused.
    """
    from hotline_bridge.contract.reader import interfaces_of
    from hotline_bridge.window import asked_window

    chosen = {name: interfaces_of(name) for name in flows(REPORTED, flow_argument, flow)}
    if dry_run:
        if begin or end:
            raise typer.BadParameter("--dry-run looks at what is due, not at a window")
        _say_what_is_due([interface for interfaces in chosen.values() for interface in interfaces])
        return
    asked_window(begin, end)
    done: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    try:
        # Neither flow waits for the other, and what waits is sent even where a table could not be read, as in the DAGs.
        with Failures() as failures:
            for name, interfaces in chosen.items():
                done[name] = {}
                with failures.apart():
                    _report(name, interfaces, begin, end, budget_s, done[name])
    finally:
        _say(done, as_json=as_json)
    if found := [sentence for of_flow in done.values() for sentence in _unsent(of_flow["now"])]:
        typer.echo("\n".join(found), err=True)
        raise typer.Exit(1)


def _report(
    flow: str,
    interfaces: Sequence[Interface],
    begin: str | None,
    end: str | None,
    budget_s: float,
    done: dict[str, dict[str, dict[str, int]]],
) -> None:
    """Do it, and put what was done into `done`, step by step: what one step did is told though a later one failed."""
    from hotline_bridge.tasks import outbound as steps

    names = [interface.name for interface in interfaces]
    with Failures() as failures:
        with failures.apart():
            done["taken in"] = steps.take_in(names, begin, end)
        done["now"] = steps.deliver(names, budget_s)
    done["still open"] = steps.summarise(f"{flow}_report", done["taken in"], done["now"])


def _say(done: Mapping[str, Mapping[str, dict[str, dict[str, int]]]], *, as_json: bool) -> None:
    from hotline_bridge.tasks.outbound import summary

    if as_json:
        typer.echo(json.dumps(done))
        return
    for flow in done.values():
        if "now" in flow:
            typer.echo(summary(flow.get("taken in", {}), flow["now"], flow.get("still open", {})))


def _unsent(delivered: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What was tried in this run and is not on the platform, a sentence for each interface."""
    from hotline_bridge.contract.reader import contract

    sentences = []
    for name, states in delivered.items():
        title = contract()[name].title_zh
        if waiting := states.get("waiting"):
            sentences.append(
                f"{title}（{name}）：{waiting} 条没有得到有效应答，等待自动重试；运行 hotline check 查看平台"
            )
        if refused := states.get("rejected"):
            sentences.append(f"{title}（{name}）：{refused} 条被平台拒收；运行 hotline replay --dry-run 查看平台的说明")
    return sentences


def _say_what_is_due(interfaces: Sequence[Interface]) -> None:
    from hotline_bridge.cli.replay import show_masked
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.outbound.decisions import find_due
    from hotline_bridge.outbound.status import count_uncollected
    from hotline_bridge.store.database import connect

    with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        uncollected = sum(count_uncollected(docking, interface) for interface in interfaces)
        due = find_due(local, interfaces)
    show_masked(due)
    typer.echo(f"{uncollected} docking rows would be taken in; nothing was")
    typer.echo(f"{len(due)} versions would be sent; nothing was")
