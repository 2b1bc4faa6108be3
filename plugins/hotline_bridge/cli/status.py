"""The status of a flow as a table for people and as records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.latency import TARGET_S, Latency, read_latency
from hotline_bridge.outbound.status import STATES, WAYS_OUT, LogStatus, log_status
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_status(flow: str, docking_conninfo: str, local_conninfo: str) -> list[LogStatus]:
    """The status of every interface of a flow, from the two stores' connection strings."""
    with connect(docking_conninfo) as docking, connect(local_conninfo) as local:
        return [log_status(docking, local, interface) for interface in interfaces_of(flow)]


def read_speed(flow: str, local_conninfo: str) -> dict[str | None, Latency]:
    """How long it took from written to delivered in the last hour (`outbound.latency.read_latency`)."""
    with connect(local_conninfo) as local:
        return read_latency(local, interfaces_of(flow))


def as_records(logs: Sequence[LogStatus], speed: Mapping[str | None, Latency]) -> list[dict[str, Any]]:
    """One record a log, with every number of the table, and its speed; null where nothing was delivered lately."""
    quick = {name: (found.delivered, found.median_s, found.p95_s) for name, found in speed.items()}
    return [
        {
            "log": log.interface.table,
            "interface": log.interface.name,
            "docking_rows": log.docking_rows,
            "uncollected": log.uncollected,
            "copies": log.copies,
            **log.versions,
            "flagged": log.flagged,
            "discarded": sum(log.discarded.values()),
            "lost": log.lost,
            "reverted": log.reverted,
            "adds_up": log.adds_up,
            **dict(
                zip(
                    ("delivered_last_hour", "written_to_delivered_median_s", "written_to_delivered_p95_s"),
                    quick.get(log.interface.name, (0, None, None)),
                    strict=True,
                )
            ),
        }
        for log in logs
    ]


def as_table(logs: Sequence[LogStatus]) -> Table:
    """The same for people: docking rows = uncollected + copies + versions by state."""
    table = Table(title="docking rows 来源行 = uncollected 未取 + copies 重复 + versions by state 各状态版本")
    for heading in ("log", "docking rows\n来源行", "uncollected\n未取", "copies\n重复"):
        table.add_column(heading, justify="left" if heading == "log" else "right")
    for state, word in STATES.items():
        table.add_column(f"{state}\n{word}", justify="right")
    for heading in ("flagged\n存疑", "discarded\n作废", "adds up\n相符"):
        table.add_column(heading, justify="right")
    for log in logs:
        verdict = "yes 是" if log.adds_up else f"NO 否: {log.lost} lost"
        given_up = sum(log.discarded.values())
        numbers = (log.docking_rows, log.uncollected, log.copies, *log.versions.values(), log.flagged, given_up)
        table.add_row(log.interface.table, *map(str, numbers), verdict)
    return table


def ways_out(logs: Sequence[LogStatus]) -> list[str]:
    """For each state that versions stay in, the commands that end it."""
    return [
        f"{state} {STATES[state]} {count}: {' | '.join(commands).format(flow=logs[0].interface.flow)}"
        for state, commands in WAYS_OUT.items()
        if (count := sum(log.open_in(state) for log in logs))
    ]


def as_sentence(speed: Mapping[str | None, Latency]) -> str:
    """The speed of all logs together, for people."""
    if (whole := speed.get(None)) is None:
        return "nothing was delivered in the last hour 最近一小时没有上报"
    return (
        f"written → delivered, last hour 最近一小时写入至上报: {whole.delivered} versions, half within 半数 "
        f"{whole.median_s:.0f} s, 95 % within 内 {whole.p95_s:.0f} s (target 目标 {TARGET_S:.0f} s)"
    )


def render(table: Table) -> None:
    """Print it, whole, however narrow the terminal says it is: what does not fit is folded, never cut off."""
    for column in table.columns:
        column.overflow = "fold"
    console = Console()
    console.width = max(console.width, 150)
    console.print(table)
