"""Publishing (回写): what 12345 is to read of its orders goes into the docking store, where it differs (4.1.2, 4.2).

Changes are noted by triggers (`hotline.order_change`) and forgotten once they are published, so that equal runs read
and write nothing. Once a day every order is compared, a piece a run: what somebody changed or emptied by hand is fixed
then, or by the next change of the order. What is right already is neither touched nor locked, and columns that the
bridge does not carry are left to whoever fills them in.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.decisions import reason_zh
from hotline_bridge.store.failures import cause_of, explain, is_temporary
from hotline_bridge.store.halves import Halves, is_of_content
from hotline_bridge.store.published import OF_ORDERS, desired_rows
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection


TIME_LIMIT = timedelta(minutes=5)
"""How long a run begins with more; the next one goes on. Far below the timeout of the DAG's task."""
COMPARED_A_RUN = 2_000
"""Orders of the daily comparison that a run looks at: a run costs as much in the first month as after years."""
CHANGES_AT_ONCE = 1_000
"""Changes whose orders are written in one statement: what bounds memory, and how long a row of 12345's is locked."""
AGAIN_A_RUN = 100
"""Orders that a table is asked once more to take, as long as it does not take all of them."""
REFUSED_NAMED = 10

STANDARD_DATA = "standard_data"
"""The one table without orders: its change is noted as that of an order without a number."""

_TRIED = "hotline-check"
"""What a row holds that is written for a try."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hotline.publish.' || %(table)s, 0))"


@dataclass(frozen=True, slots=True)
class PublishCounts:
    """What one run did with one table of the docking store, in rows."""

    desired: int = 0
    """Rows that the orders looked at are to have."""
    written: int = 0
    """Rows that were not there, or were different."""
    removed: int = 0
    """Rows of these orders that should not be there."""

    def __add__(self, other: PublishCounts) -> PublishCounts:
        """Counts of two statements together."""
        return PublishCounts(self.desired + other.desired, self.written + other.written, self.removed + other.removed)

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Published:
    """What one run did."""

    counts: dict[str, PublishCounts]
    """By table."""
    orders: int
    """Orders that it looked at, because they changed or their turn to be compared had come."""
    problems: list[HotlineError]
    """What tables did not take: the next run asks them again, without any new change."""


def publish(
    docking: Connection, local: Connection, *, whole: bool = False, time_limit: timedelta | None = TIME_LIMIT
) -> Published:
    """Write what differs, of all orders that changed and are not published yet, or of all.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit.
        whole: Compare every order.
        time_limit: After this nothing new is begun; None to go on until all is done.

    Raises:
        HotlineError, psycopg.Error: A store is lost, or ours refuses. What was written stays, and the next run looks at
            these orders once more.
    """
    run = _Run(docking, local)
    began = monotonic()

    def has_time() -> bool:
        return time_limit is None or monotonic() - began < time_limit.total_seconds()

    if whole:
        local.execute(read_sql("publish/note_all.sql"), {"orders": _orders()})
    local.execute(read_sql("publish/note_next.sql"), {"orders": _orders(), "limit": COMPARED_A_RUN})
    reached("changes-noted")
    while has_time() and run.publish_changes():
        pass
    for (table,) in local.execute("SELECT DISTINCT docking_table FROM hotline.publish_again").fetchall():
        while has_time() and run.publish_again(table):
            pass
    return Published(run.counts, run.orders, run.problems())


class _Run:
    """One run: its sessions, and what came of it so far."""

    def __init__(self, docking: Connection, local: Connection) -> None:
        self._docking, self._local = docking, local
        self.counts = dict.fromkeys((*OF_ORDERS, STANDARD_DATA), PublishCounts())
        self.orders = 0
        self._failed: dict[str, psycopg.Error] = {}
        """Tables that cannot be written now: not asked again in this run."""
        self._refused: defaultdict[str, dict[str, psycopg.Error]] = defaultdict(dict)
        """Orders of which a table refuses a row."""

    def publish_changes(self) -> bool:
        """Publish the next orders that changed, then forget their changes. Returns whether there were any."""
        changes = self._local.execute(
            read_sql("publish/next_changes.sql"), {"orders": _orders(), "limit": CHANGES_AT_ONCE}
        ).fetchall()
        if not changes:
            return False
        orders = [regino for regino, _, is_put in changes if is_put and regino]
        again = [(table, regino) for table in OF_ORDERS for regino in self._publish(table, orders)]
        if any(regino == "" for regino, _, _ in changes):
            again += [(STANDARD_DATA, regino) for regino in self._publish(STANDARD_DATA, [""])]
        self._local.execute(
            read_sql("publish/forget_changes.sql"),
            {
                "row_ids": [row_id for _, row_ids, _ in changes for row_id in row_ids],
                "tables": [table for table, _ in again],
                "reginos": [regino for _, regino in again],
            },
        )
        reached("changes-forgotten")
        self.orders += len(orders)
        return True

    def publish_again(self, table: str) -> bool:
        """Publish what a table did not take before. Returns whether it took all of it, and there was any."""
        asked = self._local.execute(
            read_sql("publish/next_again.sql"), {"table": table, "limit": AGAIN_A_RUN}
        ).fetchall()
        orders = [regino for (regino,) in asked]
        failed = self._publish(table, orders)
        taken = [regino for regino in orders if regino not in failed]
        self._local.execute(read_sql("publish/tried_again.sql"), {"table": table, "taken": taken, "failed": failed})
        reached("refused-tried")
        return bool(taken) and not failed

    def problems(self) -> list[HotlineError]:
        """One for each cause, with the tables that it keeps from being published."""
        causes: defaultdict[tuple[str, type[HotlineError]], list[str]] = defaultdict(list)
        for table, error in self._failed.items():
            causes[cause_of(error), TryAgainLater if is_temporary(error) else StopRun].append(table)
        found = [
            kind(
                f"not published: {', '.join(tables)} ({cause})",
                remedy=f"{explain(self._failed[tables[0]], tables[0]).remedy}; {_WAITS}",
            )
            for (cause, kind), tables in causes.items()
        ]
        for table, orders in self._refused.items():
            told = ", ".join(list(orders)[:REFUSED_NAMED])
            kinds = ", ".join(Counter(map(cause_of, orders.values())))
            found.append(
                StopRun(
                    f"docking.{table} refuses rows of {len(orders)} orders ({kinds}), such as {told}",
                    remedy="see what constraint, trigger or type of it does not fit; each run tries them again",
                )
            )
        return found

    def _publish(self, table: str, orders: list[str]) -> list[str]:
        """Bring a table to what these orders are to have. Returns those of them that it did not take."""
        if not orders or table in self._failed:
            return orders
        parts = Halves(orders)
        try:
            for part in parts:
                try:
                    self.counts[table] += self._write(table, part)
                except psycopg.Error as error:
                    parts.refused(error)
        except psycopg.Error as error:
            if self._docking.broken or self._local.broken:
                raise
            self._failed[table] = error
            return orders
        for order, why in parts.alone:
            self._refused[table][order] = why
        return [order for order, _ in parts.alone]

    def _write(self, table: str, orders: Sequence[str]) -> PublishCounts:
        with self._docking.transaction():
            # What is to be written is found out under the lock, or a run that was held up could put old over new: also
            # one that was killed, whose statement goes on until its server sees that nobody listens.
            self._docking.execute(LOCK.encode(), {"table": table})
            parameters = {"desired": self._desired(table, orders), "reginos": list(orders)}
            [counts] = self._docking.execute(_write_statement(table), parameters, prepare=False).fetchall()
            reached("table-written")
        reached("table-committed")
        return PublishCounts(*counts)

    def _desired(self, table: str, orders: Sequence[str]) -> str:
        try:
            return desired(self._local, table, orders)
        except psycopg.Error as error:
            if is_of_content(error) and not self._local.broken:
                raise
            # Our own store is no table's fault: no other table would do better.
            raise explain(error) from None


def desired(local: Connection, table: str, orders: Sequence[str]) -> str:
    """The rows that a table is to hold of some orders, as one JSON text with personal data in it.

    Raises:
        psycopg.Error: What the local store says.
    """
    parameters: dict[str, object] = {"orders": _orders(), "reginos": list(orders)}
    if table == "order_status":
        rules = local.execute(read_sql("publish/broken_rules.sql"), parameters).fetchall()
        words = [{"interface": name, "reason": rule, "zh": reason_zh(name, rule)} for name, rule in rules]
        parameters["words"] = json.dumps(words)
    # Planned for the orders at hand: a plan for any number of them could read a large table through.
    [(found,)] = local.execute(desired_rows(table), parameters, prepare=False).fetchall()
    return str(found)


def try_to_write(docking: Connection, name: str) -> None:
    """Add a made-up row to a table, empty it, and remove it, as publishing does; all of it is taken back.

    Args:
        docking: Session on the docking store, in autocommit.
        name: A table that the bridge writes.

    Raises:
        psycopg.Error: What publishing would meet, or that somebody holds the table locked.
    """
    table = docking_tables()[name]
    samples = {"text": _TRIED, "timestamptz": "2000-01-01 00:00:00+08", "date": "2000-01-01"}
    row = {column.name: samples[column.type] for column in table.columns if column.carried}
    empty = {column: value for column, value in row.items() if column in table.key}
    with docking.transaction(force_rollback=True):
        docking.execute("SET LOCAL lock_timeout = '1s'")
        for desired in ([row], [empty], []):
            parameters = {"desired": json.dumps(desired), "reginos": [_TRIED]}
            docking.execute(_write_statement(name, is_trial=True), parameters, prepare=False)


@cache
def _write_statement(name: str, *, is_trial: bool = False) -> bytes:
    table = docking_tables()[name]
    own = [column for column in table.carried if column not in table.key]
    looked_at = "TRUE" if name == STANDARD_DATA and not is_trial else "t.{} = any(%(reginos)s::text [])"
    statement = read_sql("publish/write.sql").format(
        table=sql.Identifier("docking", name),
        held=sql.SQL("{} AS t").format(sql.Identifier("docking", name)),
        columns=_list(table.carried),
        key_columns=_list(table.key),
        current=_list(table.carried, "t"),
        wanted=_list(table.carried, "d"),
        excluded=_list(table.carried, "excluded"),
        nothing=sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(column)) for column in own),
        withdrawn=_all_null(own),
        not_filled_in=_all_null(table.not_carried),
        same_key=sql.SQL(" AND ").join(sql.SQL("d.{0} = t.{0}").format(sql.Identifier(key)) for key in table.key),
        looked_at=sql.SQL(looked_at).format(sql.Identifier(table.key[0])),
    )
    return statement.as_bytes(None)


_WAITS = "no order is half written; the next run goes on"


def _orders() -> list[str]:
    return [interface.name for interface in interfaces_of("order")]


def _list(names: Iterable[str], alias: str | None = None) -> sql.Composed:
    parts = (sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
    return sql.SQL(", ").join(parts)


def _all_null(names: Iterable[str]) -> sql.Composable:
    tests = [sql.SQL("t.{} IS NULL").format(sql.Identifier(name)) for name in names]
    return sql.SQL("({})").format(sql.SQL(" AND ").join(tests)) if tests else sql.SQL("TRUE")
