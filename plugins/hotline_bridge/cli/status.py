"""`hotline status`: where every docking row is and how collecting stands, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from hotline_bridge.cli.options import COLLECTED, REPORTED, Flow, FlowArgument, Json, flows
from hotline_bridge.cli.output import render
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.status import (
    DAY,
    STATES,
    TARGET_S,
    WAYS_OUT,
    Latency,
    LogStatus,
    log_status,
    read_latency,
)
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.gateway.clients import Listed
    from hotline_bridge.inbound.schedule import CollectStatus


def status(flow_argument: FlowArgument = None, flow: Flow = None, as_json: Json = False) -> None:
    """Show where every docking row is, how collecting stands, and one line of verdict; non-zero unless all is in order.

    It reads the docking tables whole: meant for people and for a daily check, not for every minute.
    """
    from hotline_bridge.hooks.postgres import conninfo

    found = read_flows(flows(REPORTED | COLLECTED, flow_argument, flow), conninfo("docking_db"), conninfo("local_db"))
    if as_json:
        fetched = [_as_client_record(client) for client in found.clients]
        records = [
            *as_records(found.logs, found.speed, found.speed_of_day),
            *map(_as_record, found.collected),
            *fetched,
        ]
        typer.echo(json.dumps(records, ensure_ascii=False))
    else:
        _show(found)
    if not found.is_in_order:
        raise typer.Exit(1)


FEEDBACK = "feedback"
"""The flow that the gateway passes on."""


@dataclass(frozen=True, slots=True)
class Found:
    """The status of some flows."""

    logs: Sequence[LogStatus]
    speed: Mapping[str | None, Latency]
    speed_of_day: Mapping[str | None, Latency]
    collected: Sequence[CollectStatus]
    clients: Sequence[Listed] = ()
    """Of the gateway, where the flow of feedback was asked for."""

    @property
    def is_in_order(self) -> bool:
        """Every docking row is accounted for, and what comes back is neither late nor incomplete."""
        return all(log.adds_up for log in self.logs) and all(one.is_whole for one in self.collected)


def read_flows(names: Sequence[str], docking_conninfo: str, local_conninfo: str) -> Found:
    """The status of these flows, from the two stores' connection strings; docking_db only where one of them reports."""
    from hotline_bridge.gateway.clients import list_clients
    from hotline_bridge.inbound.schedule import collect_status

    interfaces = [interface for name in names for interface in interfaces_of(name)]
    reported = [interface for interface in interfaces if interface.kind in REPORTED]
    collected = [interface for interface in interfaces if interface.kind in COLLECTED]
    logs = [log for name in names for log in read_status(name, docking_conninfo, local_conninfo)]
    with connect(local_conninfo) as local:
        return Found(
            logs,
            read_latency(local, reported) if reported else {},
            read_latency(local, reported, DAY) if reported else {},
            collect_status(local, collected, _overdue()) if collected else [],
            [client for client in list_clients(local) if not client.revoked_at] if FEEDBACK in names else [],
        )


def read_status(flow: str, docking_conninfo: str, local_conninfo: str) -> list[LogStatus]:
    """The status of every interface that a flow reports, from the two stores' connection strings."""
    reported = [interface for interface in interfaces_of(flow) if interface.kind in REPORTED]
    if not reported:
        return []
    with connect(docking_conninfo) as docking, connect(local_conninfo) as local:
        return [log_status(docking, local, interface) for interface in reported]


def _overdue() -> dict[str, int]:
    from hotline_bridge.tasks.alerts import look

    return {case.subject: case.count for case in look(["windows_overdue"])}


def as_records(
    logs: Sequence[LogStatus], speed: Mapping[str | None, Latency], speed_of_day: Mapping[str | None, Latency]
) -> list[dict[str, Any]]:
    """One record a log, with every number of the table, and its speed; null where nothing was delivered lately."""
    return [
        {
            "flow": log.interface.flow,
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
            **_as_numbers("hour", speed.get(log.interface.name)),
            **_as_numbers("day", speed_of_day.get(log.interface.name)),
        }
        for log in logs
    ]


def _as_numbers(time: str, found: Latency | None) -> dict[str, float | None]:
    # The names of the hour are older than the day's.
    of = "" if time == "hour" else f"_last_{time}"
    return {
        f"delivered_last_{time}": found.delivered if found else 0,
        f"written_to_delivered_median_s{of}": found.median_s if found else None,
        f"written_to_delivered_p95_s{of}": found.p95_s if found else None,
    }


def _as_record(one: CollectStatus) -> dict[str, Any]:
    return {
        "flow": one.interface.flow,
        "interface": one.interface.name,
        "windows": one.windows,
        "due": one.due,
        "overdue": one.overdue,
        "failed": one.failed,
        "incomplete": one.incomplete,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "is_whole": one.is_whole,
    }


def _as_client_record(client: Listed) -> dict[str, Any]:
    return {
        "flow": FEEDBACK,
        "client": client.name,
        "waiting": client.waiting,
        "offered": client.offered,
        "acknowledged": client.acknowledged,
        "oldest_at": client.oldest_at.isoformat() if client.oldest_at else None,
        "fetched_at": client.fetched_at.isoformat() if client.fetched_at else None,
    }


def _show(found: Found) -> None:
    if found.logs:
        render(as_table(found.logs))
        typer.echo(as_sentence(found.speed, found.speed_of_day))
        for way in ways_out(found.logs):
            typer.echo(way)
    if found.collected:
        render(_collecting(found.collected))
    if found.clients:
        render(fetching(found.clients))
    typer.echo(verdict(found))


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
        given_up = sum(log.discarded.values())
        numbers = (log.docking_rows, log.uncollected, log.copies, *log.versions.values(), log.flagged, given_up)
        adds_up = "yes 是" if log.adds_up else f"NO 否: {log.lost} lost"
        table.add_row(log.interface.table, *map(str, numbers), adds_up)
    return table


def _collecting(collected: Sequence[CollectStatus]) -> Table:
    table = Table("interface 接口", title="collecting 收集: windows of registration time 登记时间窗口")
    for heading in ("windows\n窗口", "due\n到期", "overdue\n滞后", "failed\n失败", "incomplete\n不完整"):
        table.add_column(heading, justify="right")
    table.add_column("last answer\n最近应答")
    for one in collected:
        numbers = (one.windows, one.due, one.overdue, one.failed, one.incomplete)
        at = f"{one.answered_at:%Y-%m-%d %H:%M:%S}" if one.answered_at else "-"
        table.add_row(one.interface.name, *map(str, numbers), at)
    return table


def fetching(clients: Sequence[Listed]) -> Table:
    """How far each client of the gateway has fetched its feedback."""
    table = Table("client\n调用方", title="fetched by 12345 由 12345 获取的反馈")
    for heading in ("waiting\n待获取", "offered\n已给出未回写", "acknowledged\n已回写"):
        table.add_column(heading, justify="right")
    table.add_column("waits since\n最早待获取")
    table.add_column("last fetched\n最近获取")
    for one in clients:
        moments = (f"{at:%Y-%m-%d %H:%M:%S}" if at else "-" for at in (one.oldest_at, one.fetched_at))
        table.add_row(one.name, str(one.waiting), str(one.offered), str(one.acknowledged), *moments)
    return table


def ways_out(logs: Sequence[LogStatus]) -> list[str]:
    """For each flow and state that versions stay in, the commands that end it."""
    return [
        f"{flow} {state} {STATES[state]} {count}: {' | '.join(commands).format(flow=flow)}"
        for flow in dict.fromkeys(log.interface.flow for log in logs)
        for state, commands in WAYS_OUT.items()
        if (count := sum(log.open_in(state) for log in logs if log.interface.flow == flow))
    ]


def as_sentence(speed: Mapping[str | None, Latency], speed_of_day: Mapping[str | None, Latency]) -> str:
    """The speed of all logs together, for people."""
    if (day := speed_of_day.get(None)) is None:
        return "nothing was delivered in the last day 最近一天没有上报"
    hour = speed.get(None)
    last_hour = f"last hour 最近一小时 {_in_words(hour)}; " if hour else ""
    return (
        f"written → delivered 写入至上报: {last_hour}last day 最近一天 {_in_words(day)}"
        f" (target 目标 95 % within 内 {TARGET_S:.0f} s)"
    )


def _in_words(found: Latency) -> str:
    return f"{found.delivered} versions, half within 半数 {found.median_s:.1f} s, 95 % within 内 {found.p95_s:.1f} s"


def verdict(found: Found) -> str:
    """One line: whether every row is accounted for and collecting is whole, and if not, what to do."""
    wrong = [
        f"{log.interface.table} does not add up 不相符 ({log.lost} lost 丢失): docs/runbooks/red-or-stuck.md"
        for log in found.logs
        if not log.adds_up
    ]
    for one in found.collected:
        if one.overdue:
            wrong.append(f"{one.interface.name} {one.overdue} windows late 滞后: hotline collect {one.interface.flow}")
        if one.incomplete:
            wrong.append(f"{one.interface.name} {one.incomplete} incomplete 不完整: hotline accept list")
    if wrong:
        return f"verdict 结论: NO 否: {'; '.join(wrong)}"
    parts = []
    if found.logs:
        rows = sum(log.docking_rows for log in found.logs)
        parts.append(f"every one of {rows} docking rows is accounted for 来源行全部相符")
    if found.collected:
        parts.append("nothing that comes back is late or incomplete 收集无滞后、无缺漏")
    return f"verdict 结论: yes 是: {'; '.join(parts)}"
