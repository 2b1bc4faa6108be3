"""Where every docking row is (状态), how many are where, adding up, and how long they took to be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hotline_bridge.docking import contract_sql
from hotline_bridge.docking.source import source_of
from hotline_bridge.outbound.docking_rows import pipe
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


STATES: Mapping[str, str] = {
    "waiting": "待上报",
    "held": "暂存",
    "delivered": "已上报",
    "rejected": "平台拒绝",
    "quarantined": "已隔离",
    "superseded": "已被取代",
}
"""The states a version can be in, each in exactly one, with the Chinese word that staff read."""

WAYS_OUT: Mapping[str, tuple[str, ...]] = {
    "waiting": ("hotline replay --flow {flow}", "hotline discard --flow {flow} --state waiting"),
    "held": ("hotline audit list", "hotline discard --flow {flow} --state held"),
    "rejected": ("hotline replay --flow {flow}", "hotline discard --flow {flow}"),
    "quarantined": ("hotline quarantine list", "hotline quarantine release", "hotline quarantine discard"),
}
"""The commands that end a state which can last; docs/states.md says what ends it by itself.

See architecture: every state has a way out.
"""

OPEN_STATES: Mapping[str, str] = {
    "waiting": STATES["waiting"],
    "retrying": "等待重试",
    "held": STATES["held"],
    "rejected": STATES["rejected"],
    "quarantined": STATES["quarantined"],
}
"""What is not at rest, as `open_counts` tells it apart, with the Chinese word."""


@dataclass(frozen=True, slots=True)
class LogStatus:
    """One docking table against the local store, at one moment."""

    interface: Interface
    docking_rows: int
    uncollected: int
    """Rows whose content is not in the local store yet: the next intake takes them."""
    copies: int
    """Rows beyond the first with the same content."""
    versions: Mapping[str, int]
    """Versions that stand in the docking table now, by state."""
    flagged: int
    """Of these, versions with a flag: sent all the same."""
    discarded: Mapping[str, int]
    """Of the versions by state, those that somebody gave up: not sent, not tried again."""
    lost: int
    """Contents that were marked as collected and are in no state: there must be none."""
    reverted: int
    """Keys where 12345 put back an old content after a newer one was delivered (see docs/delivery.md)."""

    def open_in(self, state: str) -> int:
        """Versions in a state that nobody gave up."""
        return self.versions[state] - self.discarded.get(state, 0)

    @property
    def adds_up(self) -> bool:
        """Docking rows = uncollected + copies + versions in a state, and nothing is lost."""
        return self.lost == 0 and self.docking_rows == self.uncollected + self.copies + sum(self.versions.values())


@dataclass(frozen=True, slots=True)
class OpenCount:
    """Versions of one interface in one state that is not at rest."""

    interface: str
    state: str
    """One of `OPEN_STATES`; `waiting` was never tried."""
    versions: int
    oldest: datetime
    """When the oldest of them was taken in (aware)."""


def log_status(docking: Connection, local: Connection, interface: Interface) -> LogStatus:
    """Compare the whole docking table with the local store, content by content.

    It reads every docking row once; rows are hashed there, so no personal data travels.
    """
    with local.transaction():
        copy_docking_versions(docking, local, interface)
        found = local.execute(read_sql("outbound/status.sql", "status"), {"interface": interface.name}).fetchall()
        reverted = local.execute(read_sql("outbound/status.sql", "reverted"), {"interface": interface.name}).fetchone()
    versions_by_state = {state: versions for state, versions, *_ in found}
    rows_by_state = {state: rows for state, _, rows, *_ in found}
    uncollected, lost = rows_by_state.get("uncollected", 0), versions_by_state.get("lost", 0)
    return LogStatus(
        interface=interface,
        docking_rows=sum(rows_by_state.values()),
        uncollected=uncollected,
        copies=sum(rows - versions for state, versions, rows, *_ in found if state != "uncollected"),
        versions={state: versions_by_state.get(state, 0) for state in STATES},
        flagged=sum(flagged for *_, flagged, _ in found),
        discarded={state: discarded for state, *_, discarded in found if discarded},
        lost=lost,
        reverted=reverted[0] if reverted else 0,
    )


def copy_docking_versions(docking: Connection, local: Connection, interface: Interface) -> None:
    """Bring what the docking table holds now, as versions, into the temporary table `docking_version`.

    It lasts as long as the caller's transaction on the local store.
    """
    local.execute(read_sql("outbound/status.sql", "docking_version_table"))
    pipe(
        docking,
        local,
        source_of(docking, interface),
        lambda source, only: read_sql("outbound/status.sql", "read_docking_versions").format(
            table=source.identifier,
            key=source.shape.text_of(interface.key_column),
            content=source.content,
            only=only,
        ),
        "COPY docking_version FROM STDIN",
    )


def count_uncollected(docking: Connection, interface: Interface) -> int:
    """Rows of its docking table that the next intake would read, from the index of those alone."""
    query = read_sql("outbound/status.sql", "count_uncollected").format(table=contract_sql.docking_table(interface))
    [(rows,)] = docking.execute(query).fetchall()
    return int(rows)


def open_counts(local: Connection, interfaces: Sequence[Interface]) -> list[OpenCount]:
    """What is not at rest, cheaply: from the local store alone, without reading versions that are done."""
    names = [interface.name for interface in interfaces]
    rows = local.execute(read_sql("outbound/status.sql", "open_counts"), {"interfaces": names}).fetchall()
    return [OpenCount(*row) for row in rows]


def log_run(
    local: Connection, dag: str, taken_in: Mapping[str, Mapping[str, int]], delivered: Mapping[str, Mapping[str, int]]
) -> None:
    """Write one row an interface to `hotline.run_log`, from the counts of intake and delivery."""
    local.execute(
        read_sql("outbound/status.sql", "log_run"),
        {
            "dag": dag,
            "subjects": list(taken_in),
            "taken_in": [counts["rows"] for counts in taken_in.values()],
            "quarantined": [counts["quarantined"] for counts in taken_in.values()],
            "delivered": [delivered.get(name, {}).get("delivered", 0) for name in taken_in],
        },
    )


WITHIN, DAY = timedelta(hours=1), timedelta(days=1)
TARGET_S = 5.0
"""What the 95th percentile should not exceed while the platform answers: runs watch, and look every other second."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from `written_at` of the docking row to `settled_at` of its delivered version.

    Waiting of any kind counts: for the next run, for a platform that was down, in quarantine.
    """

    interface: str | None
    """None: all that were asked for, together."""
    delivered: int
    """Versions delivered in that time: what the percentiles are of."""
    median_s: float
    p95_s: float


def read_latency(
    local: Connection, interfaces: Sequence[Interface], within: timedelta = WITHIN
) -> dict[str | None, Latency]:
    """By interface name, and under None over all of them; nothing where nothing was delivered in so short a time."""
    rows = local.execute(
        read_sql("outbound/status.sql", "latency"),
        {"interfaces": [interface.name for interface in interfaces], "within": within},
    ).fetchall()
    return {row[0]: Latency(*row) for row in rows}
