"""Docking rows (对接库的行): read batch by batch, kept, and only then marked as collected.

Every row is reached, whatever its `written_at`, and none stops the others. All that 12345 writes is read here: orders
and logs (`outbound.intake`), annotations and seats (`outbound.order_annotations`), deadlines
(`time_limits.deadlines`). Times travel as text and are made usable in one place, `hotline.written_moment`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import psycopg
from psycopg import sql
from psycopg.errors import LockNotAvailable

from hotline_bridge.errors import Failures, StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.versions import alone
from hotline_bridge.store.halves import REFUSED, Halves, is_of_content
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import LiteralString

    from psycopg import Connection

    from hotline_bridge.docking.source import Source

log = logging.getLogger(__name__)

Kept = TypeVar("Kept")
"""What the keeper of a batch says of it."""

BATCH_ROWS = 5_000
"""Rows read, checked and committed at once, with and without time: memory is bound by this, not by the backlog."""
UNCOLLECTED = sql.SQL("d.collected_at IS NULL")
WITHOUT_USABLE_TIME = sql.SQL(
    "(d.written_at IS NULL OR d.written_at < '2000-01-01 00:00:00+08' OR d.written_at > now())"
)
"""Rows whose time says nothing, as the docking store's clock tells it; `hotline.is_usable` says the same here."""
EVERY = sql.SQL("TRUE")
UNREADABLE = "unreadable"
"""What is wrong with a field that holds bytes which are no text in the encoding of the docking store."""


class Place(NamedTuple):
    """Where reading goes on: after this row. First come the rows that have no time, then the others in its order."""

    written_at: str | None = None
    at: str | None = None
    """None: from the first one on."""


class Batch(NamedTuple):
    """The rows in the batch table."""

    rows: int
    read: list[tuple[Source, list[str], list[bytes]]]
    """How they were read, where they stood, and what each of them held; a row with escaped bytes by itself."""

    def mark_collected(self, docking: Connection) -> int:
        """Mark them, as `collected.mark_collected` does. Returns how many."""
        return sum(mark_collected(docking, source, places, hashes) for source, places, hashes in self.read)


class Taken(NamedTuple, Generic[Kept]):
    """What became of one batch."""

    rows: int
    kept: Kept
    collected: int
    """Rows marked as collected; one that changed while it was read is not, and is read again by the next run."""


def take_in_batches(
    docking: Connection,
    local: Connection,
    source: Source,
    keep: Callable[[], Kept],
    *,
    steps: tuple[str, str, str, str],
    due: sql.Composable = UNCOLLECTED,
    stop: Callable[[], bool] = lambda: False,
) -> list[Taken[Kept]]:
    """Take in the rows that are due, in one pass: a batch is kept in a local transaction, and then marked as collected.

    A row that our store refuses for its content, or that the docking store cannot give as text, is put aside: it
    comes in a batch of its own, or with its bytes escaped, and `batch.reasons` says why.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in autocommit, after `versions.prepare`.
        source: What to read.
        keep: Keeps what stands in the batch table, in the transaction of the batch.
        steps: Names of the steps of a batch: copied, kept, committed, collected.
        due: Which rows `d` are wanted.
        stop: Asked between batches; the rows that remain are read by the next run.

    Raises:
        StopRun: A row cannot even be put aside; the others are taken in.
        psycopg.Error: A store is lost, or refuses for another reason than a row's content.
    """

    def take(places: Sequence[str], reason: str | None = None) -> None:
        with local.transaction():
            batch = _fill(docking, local, source, due, places)
            if not batch.rows:
                return
            if reason:
                local.execute("UPDATE batch SET reasons = reasons || %s::text", [reason])
            reached(steps[0])
            kept = keep()
            reached(steps[1])
        reached(steps[2])
        collected = batch.mark_collected(docking)
        reached(steps[3])
        taken.append(Taken(batch.rows, kept, collected))

    taken: list[Taken[Kept]] = []
    place: Place | None = Place()
    with Failures() as failures:
        while place is not None and not stop():
            with alone(local, source.name):
                places, place = _next_places(docking, source, due, place)
                parts = Halves(places, of=f"rows of docking.{source.table}")
                for part in parts:
                    try:
                        take(part)
                    except psycopg.Error as error:
                        parts.refused(error)
                for lonely, why in parts.alone:
                    log.error("a row of docking.%s is put aside: SQLSTATE %s", source.table, why.sqlstate)
                    with failures.apart():
                        _put_aside(take, source, lonely)
    return taken


def _put_aside(take: Callable[[Sequence[str], str], None], source: Source, place: str) -> None:
    try:
        take([place], REFUSED)
    except psycopg.Error as error:
        if not is_of_content(error):
            raise
        raise StopRun(
            f"a row of docking.{source.table} at {place} can neither be kept nor put aside, or not be marked "
            f"(SQLSTATE {error.sqlstate})",
            interface=source.interface.name if source.interface else None,
            remedy="it stays uncollected; see what constraint or trigger of that table or of schema hotline refuses it",
        ) from None


def read_whole(docking: Connection, local: Connection, source: Source) -> Batch:
    """Bring a small table whole into the batch table, within the caller's transaction; arguments as above."""
    places, _ = _find(docking, source, EVERY, limit=False)
    return _fill(docking, local, source, EVERY, places)


def _next_places(
    docking: Connection, source: Source, due: sql.Composable, after: Place
) -> tuple[list[str], Place | None]:
    """Where the next rows stand that are due, `BATCH_ROWS` or up to twice as many, and what comes after them."""
    untimed: list[str] = []
    if after.written_at is None:
        beyond = sql.SQL("{} > {}::{}").format(source.place, after.at, source.kind_of_place) if after.at else EVERY
        untimed, _ = _find(docking, source, sql.SQL("{} AND d.written_at IS NULL AND {}").format(due, beyond))
        if len(untimed) == BATCH_ROWS:
            return untimed, Place(None, untimed[-1])
        beyond = sql.SQL("d.written_at IS NOT NULL")
    else:
        beyond = sql.SQL("(d.written_at, {}) > ({}::timestamptz, {}::{})").format(
            source.place, after.written_at, after.at, source.kind_of_place
        )
    timed, last = _find(docking, source, sql.SQL("{} AND {}").format(due, beyond))
    return [*untimed, *timed], Place(last, timed[-1]) if len(timed) == BATCH_ROWS else None


def _find(
    docking: Connection, source: Source, due: sql.Composable, *, limit: bool = True
) -> tuple[list[str], str | None]:
    """Places of rows in order, and when the last of them was written."""
    query = read_sql("outbound/docking_rows.sql", "find_places").format(
        place=source.place, table=source.identifier, due=due, limit=BATCH_ROWS if limit else sql.NULL
    )
    found = docking.execute(query).fetchall()
    return [place for place, _ in found], found[-1][1] if found else None


def _fill(docking: Connection, local: Connection, source: Source, due: sql.Composable, places: Sequence[str]) -> Batch:
    """Pipe the rows at these places into the batch table, as far as they are still due."""
    unreadable = pipe(
        docking,
        local,
        source,
        lambda now, only: read_sql("outbound/docking_rows.sql", "read_rows").format(
            place=now.place,
            table=now.identifier,
            content=now.content,
            only=sql.SQL("{} AND {}").format(due, only),
        ),
        "COPY batch (source_tid, written_at, collected_at, body) FROM STDIN",
        places,
    )
    for place, escaping in unreadable.items():
        reasons = [f"{field}:{UNREADABLE}" for field in escaping.escaped_fields]
        local.execute("UPDATE batch SET reasons = %s WHERE source_tid = %s", [reasons, place])
    found = local.execute(
        "SELECT source_tid, sha256(convert_to(body, 'UTF8')) FROM batch ORDER BY position", binary=True
    ).fetchall()
    plain = [(place, hashed) for place, hashed in found if place not in unreadable]
    read = [(source, [place for place, _ in plain], [hashed for _, hashed in plain])] if plain else []
    read += [(unreadable[place], [place], [hashed]) for place, hashed in found if place in unreadable]
    return Batch(len(found), read)


def copy_across(docking: Connection, query: sql.Composed, local: Connection, into: LiteralString) -> None:
    """Copy what a query gives into a table of the other store, as bytes, block by block.

    Args:
        docking: Session that is asked.
        query: The COPY ... TO STDOUT.
        local: Session that takes it.
        into: The COPY ... FROM STDIN.
    """
    with docking.cursor().copy(query) as rows, local.cursor().copy(into) as target:
        for block in rows:
            target.write(block)


def pipe(
    docking: Connection,
    local: Connection,
    source: Source,
    query: Callable[[Source, sql.Composable], sql.Composed],
    into: LiteralString,
    places: Sequence[str] | None = None,
) -> dict[str, Source]:
    """Pipe what a query says of docking rows into a local table, as bytes, without looking at them.

    What the docking store cannot give, since a row holds bytes that are no text in its encoding, is piped in parts, and
    that row with its bytes escaped.

    Args:
        docking: Session on the docking store, in autocommit.
        local: Session on the local store, in a transaction.
        source: What is read.
        query: The COPY ... TO STDOUT, of a source and a condition on its rows.
        into: The COPY ... FROM STDIN.
        places: Of these rows alone.

    Returns:
        By the place of a row that stands escaped, how it was read.
    """

    def copy(what: Source, only: sql.Composable) -> None:
        with local.transaction():
            copy_across(docking, query(what, only), local, into)

    if places is None:
        try:
            copy(source, EVERY)
        except psycopg.Error as error:
            if not is_of_content(error):
                raise
            places, _ = _find(docking, source, EVERY, limit=False)
        else:
            return {}
    parts = Halves(places, of=f"rows of docking.{source.table}")
    for part in parts:
        try:
            copy(source, source.at(part))
        except psycopg.Error as error:
            parts.refused(error)
    unreadable = {place: source.escaping_unreadable(docking, place) for place, _ in parts.alone}
    for place, escaping in unreadable.items():
        copy(escaping, escaping.at([place]))
    return unreadable


# Of the rows that were read, those that no transaction of 12345 holds; asked only after waiting for them was in vain.
_UNLOCKED = "{place} IN (SELECT {place} FROM {table} AS d WHERE {read} FOR NO KEY UPDATE SKIP LOCKED)"


def mark_collected(docking: Connection, source: Source, places: Sequence[str], hashes: Sequence[bytes]) -> int:
    """Set `collected_at` of rows that nobody changed since they were read. Returns how many.

    Rows that a transaction of 12345 still holds after the session's `lock_timeout` are left to the next run.

    Args:
        docking: Session on the docking store, in autocommit.
        source: Its table, and what was read of it.
        places: Where the rows stood.
        hashes: SHA-256 of each one's JSON.

    Raises:
        StopRun: `collected_at` does not stay set.
    """

    def mark(unlocked: sql.Composable) -> list[bool]:
        statement = read_sql("outbound/docking_rows.sql", "mark_collected").format(
            table=source.identifier,
            content=source.content,
            place=source.place,
            kind_of_place=source.kind_of_place,
            read=source.at(places),
            unlocked=unlocked,
        )
        parameters = {"places": list(places), "content_hashes": list(hashes)}
        return [stays for (stays,) in docking.execute(statement, parameters).fetchall()]

    try:
        marks = mark(sql.SQL("TRUE"))
    except LockNotAvailable:
        marks = mark(sql.SQL(_UNLOCKED).format(place=source.place, table=source.identifier, read=source.at(places)))
    if marks and not any(marks):
        raise StopRun(
            f"collected_at of docking.{source.table} does not stay set",
            interface=source.interface.name if source.interface else None,
            remedy="a trigger of 12345 clears it on every update; it may do so only when the content changes",
        )
    return sum(marks)
