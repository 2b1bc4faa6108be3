"""Land, then replace (DESIGN rules 11 and 13): an answer goes into the local store whole, or not at all."""

from __future__ import annotations

import json
from binascii import hexlify
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import in_words
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.rows import Row, Rows
    from hotline_bridge.inbound.windows import Window


@dataclass(frozen=True, slots=True)
class Stored:
    """What one answer changed in the local store, in rows."""

    added: int = 0
    replaced: int = 0
    """Rows that went to history."""
    missing: int = 0
    """Rows whose order was missing from a whole answer for the first time."""


@cache
def _statements(name: str) -> Mapping[str, bytes]:
    """The files of `include/sql/inbound` that a table is put into, for the interface of this name."""
    interface = contract()[name]
    parts = {
        "table": sql.Identifier("hotline", str(interface.table)),
        "history": sql.Identifier("hotline", f"{interface.table}_history"),
        "key_column": sql.Identifier(interface.key_column),
        "names": sql.SQL(", ").join(sql.Identifier(field.column) for field in interface.response),
    }
    files = ("known", "add", "replace", "found_again", "mark_missing")
    return {file: sql.SQL(read_sql(f"inbound/{file}.sql")).format(**parts).as_bytes(None) for file in files}


@cache
def _interfaces_of(table: str) -> list[str]:
    """Who gives the rows of a table: a drain and a query may give the same."""
    return [interface.name for interface in contract().values() if interface.table == table]


async def be_alone(local: AsyncConnection, interface: Interface) -> None:
    """Until the caller's transaction ends, nobody else stores answers for this table, nor changes its windows."""
    await local.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"hotline.collect.{interface.table}"])


async def land(
    local: AsyncConnection,
    interface: Interface,
    answer: bytes,
    *,
    row_count: int,
    requested_at: datetime,
    window: Window | None,
) -> None:
    """Keep an answer as it came; within the caller's transaction. Arguments as of `store_rows`."""
    parameters = {
        "interface": interface.name,
        "answer": answer,
        "answer_sha256": sha256(answer).digest(),
        "row_count": row_count,
        "requested_at": requested_at,
        "begins": window.begin if window else None,
        "ends": window.end if window else None,
    }
    await local.execute(read_sql("inbound/land.sql").encode(), parameters)


async def store_rows(
    local: AsyncConnection,
    interface: Interface,
    rows: Rows,
    *,
    requested_at: datetime,
    window: Window | None,
    whole: bool,
) -> Stored:
    """Put the rows of an answer into the local store; within the caller's transaction, after `be_alone`.

    Args:
        local: Session on the local store.
        interface: A query or drain.
        rows: Its rows, judged.
        requested_at: Aware moment at which it was asked for.
        window: Registration times asked for; None for a drain.
        whole: Whether the answer is known to hold all rows of each order in it. Otherwise rows are only added.
    """
    replaces = whole and interface.mode == "replace"
    parameters: dict[str, object] = {
        "interface": interface.name,
        "interfaces": _interfaces_of(str(interface.table)),
        "requested_at": requested_at,
        "begins": window.begin if window else None,
        "ends": window.end if window else None,
        "whole": whole,
        "bad": json.dumps(rows.bad),
        "keys": rows.keys,
    }
    statements = _statements(interface.name)
    replaced = missing = 0
    new: list[Row] = []
    if rows.came:
        await local.execute(read_sql("inbound/quarantine.sql").encode(), parameters)
        known = {
            content_hash: (row_id, key, was_missing)
            for row_id, key, content_hash, was_missing in await (
                await local.execute(statements["known"], parameters, binary=True)
            ).fetchall()
        }
        new = [row for row in rows.good if row.content_hash not in known]
        here = {row.content_hash for row in rows.good}
        if back := [row_id for hashed, (row_id, _, was_missing) in known.items() if was_missing and hashed in here]:
            await local.execute(statements["found_again"], {**parameters, "row_ids": back})
        gone: list[int] = []
        if replaces:
            sure = {row.key for row in rows.good} - rows.unsure
            gone = [row_id for hashed, (row_id, key, _) in known.items() if key in sure and hashed not in here]
        if gone:
            replaced = (await local.execute(statements["replace"], {**parameters, "row_ids": gone})).rowcount
    if new:
        await _add(local, statements["add"], new, interface, requested_at, window)
    if replaces and window:
        missing = (await local.execute(statements["mark_missing"], parameters)).rowcount
    return Stored(added=len(new), replaced=replaced, missing=missing)


async def _add(
    local: AsyncConnection,
    statement: bytes,
    rows: Sequence[Row],
    interface: Interface,
    requested_at: datetime,
    window: Window | None,
) -> None:
    # Times are readings of a clock in Asia/Shanghai, as every session of ours takes them (DESIGN rule 14).
    bounds = (in_words(window.begin), in_words(window.end)) if window else ("", "")
    rest = "\t".join(("", interface.name, requested_at.isoformat(), *bounds)).encode("ascii")
    async with local.cursor().copy(statement) as copy:
        await copy.write(b"".join([_line(row, rest) for row in rows]))


def _line(row: Row, rest: bytes) -> bytes:
    """The row as COPY reads it; a column that is empty is NULL."""
    content = row.content
    for plain, escaped in _ESCAPES:
        content = content.replace(plain, escaped)
    return b"%b\t\\\\x%b\t{%b}%b\n" % (content, hexlify(row.content_hash), ",".join(row.flags).encode("ascii"), rest)


_ESCAPES = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"), (b"\0", b"\t"))
"""In this order: backslashes first, what parts the columns last."""
