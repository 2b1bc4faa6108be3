"""`hotline check`: what a deployment needs, looked at one by one, each with what to fix (4.2.2, 4.3)."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import psycopg
from psycopg.errors import LockNotAvailable
from rich.console import Console
from rich.markup import escape

from hotline_bridge.cities import acting_for, called, meant, wrong_cities
from hotline_bridge.cli.check_dags import dag_findings
from hotline_bridge.cli.check_places import astray, shared_findings
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.docking.create import examine
from hotline_bridge.docking.needs import not_updatable, shortcomings
from hotline_bridge.docking.shape import NOT_UPDATABLE
from hotline_bridge.docking.trial import is_for_trial
from hotline_bridge.errors import HotlineError, TryAgainLater
from hotline_bridge.hooks.platform import call_harmlessly, platform_settings
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.publish import try_to_write
from hotline_bridge.restore.mark import doubt_of
from hotline_bridge.store.database import connect
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.failures import missing_grants
from hotline_bridge.store.halves import is_of_content
from hotline_bridge.store.migrate import current_revision, head_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection

    from hotline_bridge.store.database import Session

Level = Literal["good", "warning", "bad"]
_MARKS: dict[Level, str] = {"good": "[green]ok[/]  ", "warning": "[yellow]warn[/]", "bad": "[red]bad[/] "}
_CLOCK_TOLERANCE_S = 30.0
"""The signature carries the date of the moment: a clock that is wrong by more is refused around midnight."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    level: Level
    text: str


def findings() -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding too, never an exception.

    Of several cities at all, each for itself and then what they share, unless it was said which is meant.
    """
    found = [Finding("bad", sentence) for sentence in wrong_cities()]
    for city in meant():
        with acting_for(city):
            looks = (_docking, _local, _places, _restored, _platform, _dags)
            seen = dict.fromkeys(finding for look in looks for finding in _guarded(look))
        found += [replace(one, text=f"{city.name}: {one.text}") if city.name else one for one in seen]
    if len(meant()) > 1:
        found += [Finding(level, text) for level, text in shared_findings(meant())]
    return found


def render(found: list[Finding]) -> None:
    """Print one line a finding."""
    console = Console(soft_wrap=True, highlight=False)
    for finding in found:
        console.print(_MARKS[finding.level], escape(finding.text))


def _guarded(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except HotlineError as error:
        yield Finding("bad", str(error))


def _docking() -> Iterator[Finding]:
    with connect(conninfo("docking_db")) as docking:
        yield Finding("good", f"connection {called('docking_db')}: the docking store answers{_pooler(docking)}")
        yield from _takes_writes("docking store", docking)
        yield from _clock("docking store", docking)
        encoding = docking.info.parameter_status("server_encoding")
        if encoding == "SQL_ASCII":
            yield Finding("bad", "the docking store has encoding SQL_ASCII: no text of it can be trusted; ask for UTF8")
        if is_for_trial(docking):
            yield Finding("warning", "the docking store is marked for trial: it takes invented rows; not for service")
        tables = examine(docking)
        yield from (Finding("bad", str(table)) for table in tables if table.outcome != "left alone")
        found = shortcomings(docking)
        yield from (Finding("bad" if one.is_error else "warning", one.text) for one in found)
        refused = tuple(one.text for one in found if one.is_error)
        for table in tables:
            # What is told already would only be told twice.
            told = any(text.startswith(("schema docking", f"docking.{table.table}:")) for text in refused)
            if docking_tables()[table.table].written_by == "bridge" and table.outcome == "left alone" and not told:
                yield from _tried(docking, table.table)


def _pooler(session: Session) -> str:
    """What stands in between, where something does that gives each transaction another session."""
    if not session.is_pooled:
        return ""
    return ", through a pooler; `hotline migrate` and `hotline restore` need the server's own address"


def _tried(docking: Connection, table: str) -> Iterator[Finding]:
    """Publishing to a table, tried with a made-up row and taken back."""
    try:
        try_to_write(docking, table)
    except LockNotAvailable:
        yield Finding("warning", f"docking.{table}: another session holds it locked; try again later")
    except psycopg.Error as error:
        if docking.broken:
            raise TryAgainLater("the docking store ended the session", remedy="run `hotline check` again") from None
        if (error.sqlstate or "") in NOT_UPDATABLE:
            yield Finding("bad", not_updatable(table).text)
            return
        level: Level = "warning" if is_of_content(error) else "bad"
        yield Finding(
            level,
            f"docking.{table} refuses a row written for a try ({type(error).__name__}, SQLSTATE {error.sqlstate}); its "
            "owner has to see which right, trigger, constraint or policy does not fit",
        )


def _takes_writes(whose: str, connection: Connection) -> Iterator[Finding]:
    if connection.execute("SHOW transaction_read_only").fetchone() == ("on",):
        yield Finding(
            "bad",
            f"the {whose} takes no writes: a standby, as after a failover, or set to read-only; "
            "name the server that takes them in its connection",
        )


def _local() -> Iterator[Finding]:
    local_conninfo = conninfo("local_db")
    with connect(local_conninfo) as local:
        yield Finding("good", f"connection {called('local_db')}: the local store answers{_pooler(local)}")
        encoding = local.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            yield Finding("bad", f"the local store has encoding {encoding}: make its database anew in UTF8")
        yield from _takes_writes("local store", local)
        yield from _clock("local store", local)
    if grants := missing_grants(local_conninfo):
        told = "the local store: this account lacks rights that every task needs; its owner has to run"
        yield from (Finding("bad", f"{told} {grant}") for grant in grants)
        return
    revision, head = current_revision(local_conninfo), head_revision()
    if revision == head:
        yield Finding("good", f"schema hotline is at revision {head}")
        yield from (Finding("bad", str(difference)) for difference in read_differences(local_conninfo))
    else:
        yield Finding("bad", f"schema hotline is at revision {revision or 'none'}, not {head}: run `hotline migrate`")


def _places() -> Iterator[Finding]:
    return (Finding("bad", text) for text in astray())


def _dags() -> Iterator[Finding]:
    return (Finding(level, text) for level, text in dag_findings())


def _restored() -> Iterator[Finding]:
    # A store that does not answer is told above.
    with suppress(HotlineError), connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        if doubt := doubt_of(docking, local):
            yield Finding("bad", str(doubt))


def _clock(whose: str, connection: Connection) -> Iterator[Finding]:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is not None:
        yield _compare_clocks(whose, row[0])


def _compare_clocks(whose: str, theirs: datetime) -> Finding:
    seconds = (theirs - datetime.now(UTC)).total_seconds()
    if abs(seconds) <= _CLOCK_TOLERANCE_S:
        return Finding("good", f"clock of the {whose}: {seconds:+.1f} s")
    return Finding("warning", f"clock of the {whose} differs by {seconds:+.0f} s: set this machine or that one by NTP")


def _platform() -> Iterator[Finding]:
    settings = platform_settings()
    yield Finding("good", f"connection {called('platform_12315')}: {settings.base_url}, header {settings.auth_header}")
    started = time.monotonic()
    theirs = call_harmlessly(settings)
    yield Finding("good", f"the platform answers a count of the last minute in {time.monotonic() - started:.2f} s")
    if theirs is None:
        yield Finding("warning", "the platform sends no Date: its clock cannot be compared with this machine's")
    else:
        yield _compare_clocks("platform", theirs)
