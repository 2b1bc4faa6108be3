"""Land, then replace (architecture: replace by order): an answer goes into the local store whole, or not at all."""

from __future__ import annotations

import json
import logging
from binascii import hexlify
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import kept_columns
from hotline_bridge.inbound.moments import readable
from hotline_bridge.inbound.rows import named_by
from hotline_bridge.store.halves import Halves, is_of_content
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.inbound.plain import Row
    from hotline_bridge.inbound.rows import Rows
    from hotline_bridge.inbound.windows import Window
    from hotline_bridge.store.database import AnySession

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What one answer changed in the local store, in rows."""

    added: int = 0
    replaced: int = 0
    """Rows that went to history."""
    missing: int = 0
    """Rows whose order was missing from a whole answer for the first time."""


# A registration time may lack its seconds, and the specification does not say that a window's begin belongs to it.
_BY_TIME = {
    "moment": sql.SQL("t.registime"),
    "begin_margin": sql.SQL("interval '1 minute'"),
    "is_inside": sql.SQL(
        "(t.registime > to_timestamp(%(begins)s::bigint)"
        " AND t.registime <= to_timestamp(%(ends)s::bigint) - interval '1 minute')"
    ),
}
_BY_WINDOW = {
    "moment": sql.SQL("t.window_begin"),
    "begin_margin": sql.SQL("interval '1 second'"),
    "is_inside": sql.SQL("FALSE"),
}


@cache
def _statements(interface_name: str) -> Mapping[str, bytes]:
    """The statements that a table is put into, for the interface of this name."""
    interface = contract()[interface_name]
    parts = {
        "table": sql.Identifier("hotline", str(interface.table)),
        "history": sql.Identifier("hotline", f"{interface.table}_history"),
        "key_column": sql.Identifier(interface.key_column),
        "columns": sql.SQL(", ").join(sql.Identifier(field.column) for field in interface.response),
        "kept": kept_columns(interface),
        "rest_of_name": _rest_of_name(interface),
        **(_BY_TIME if any(field.column == "registime" for field in interface.response) else _BY_WINDOW),
    }
    names = ("known", "add", "replace", "found_again", "mark_missing", "make_room")
    return {name: read_sql("inbound/replace.sql", name).format(**parts).as_bytes(None) for name in names}


def _rest_of_name(interface: Interface) -> sql.Composable:
    """What names a row of a table beside its key, as `Row.content` holds it; NULL where nothing does."""
    kinds = {field.column: field.kind for field in interface.response}
    texts = [
        sql.SQL("coalesce({}, '')" if kinds[column] == "text" else "to_char({}, 'YYYY-MM-DD HH24:MI:SS')").format(
            sql.Identifier("t", column)
        )
        for column in interface.rest_of_name
    ]
    return sql.SQL("ARRAY[{}]").format(sql.SQL(", ").join(texts)) if texts else sql.SQL("NULL::text []")


@cache
def interfaces_of(table: str) -> list[str]:
    """Who gives the rows of a table: a drain and a query may give the same."""
    return [interface.name for interface in contract().values() if interface.table == table]


async def be_alone(local: AnySession, interface: Interface) -> None:
    """Until the caller's transaction ends, nobody else stores answers for this table, nor changes its windows."""
    await local.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"hotline.collect.{interface.table}"])


async def land(
    local: AsyncConnection,
    interface: Interface,
    answer: bytes,
    rows: Rows,
    *,
    requested_at: datetime,
    window: Window | None,
) -> None:
    """Keep an answer as it came; within the caller's transaction. Arguments as of `store_rows`."""
    parameters = {
        "interface": interface.name,
        "answer": answer,
        "answer_sha256": sha256(answer).digest(),
        "row_count": rows.came,
        "keys": rows.keys_as_json,
        "requested_at": requested_at,
        "begins": window.begin if window else None,
        "ends": window.end if window else None,
    }
    await local.execute(read_sql("inbound/replace.sql", "land"), parameters)


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
        whole: Whether the answer is known to hold all rows of each order in it. Otherwise rows are only added; but one
            that has a name (`Interface.one_row`) always replaces the one of this name.

    Returns:
        What changed. Rows that the store refuses for their content are in quarantine, and among the bad ones.
    """
    store = partial(_store_rows, local, interface, rows, requested_at=requested_at, window=window, whole=whole)
    try:
        async with local.transaction():
            return await store()
    except psycopg.Error as error:
        if not is_of_content(error):
            raise
    await _put_aside(local, interface, rows, requested_at, window)
    return await store()


async def _put_aside(
    local: AsyncConnection, interface: Interface, rows: Rows, requested_at: datetime, window: Window | None
) -> None:
    """Move the rows that the store refuses, each tried in a part of the answer, to the bad ones."""
    statements = _statements(interface.name)
    parts = Halves(list(rows.good))
    for part in parts:
        try:
            async with local.transaction(force_rollback=True):
                await local.execute(statements["make_room"], {"keys": json.dumps([row.key for row in part])})
                await _add(local, statements["add"], part, interface, requested_at, window)
        except psycopg.Error as error:
            parts.refused(error)
    for row, why in parts.alone:
        log.error("%s: a row of an order is put aside: SQLSTATE %s", interface.name, why.sqlstate)
        rows.put_aside(row, interface)


async def _store_rows(
    local: AsyncConnection,
    interface: Interface,
    rows: Rows,
    *,
    requested_at: datetime,
    window: Window | None,
    whole: bool,
) -> Stored:
    replaces = whole and interface.mode == "replace"
    name = named_by(interface.name)
    good = {name(row): row for row in rows.good}
    keys = set(rows.keys)
    parameters: dict[str, object] = {
        "interface": interface.name,
        "interfaces": interfaces_of(str(interface.table)),
        "requested_at": requested_at,
        "begins": window.begin if window else None,
        "ends": window.end if window else None,
        # An order that is one row is whole wherever it is.
        "whole": whole or interface.one_row == (interface.key,),
        "bad": json.dumps(rows.bad),
        "keys": rows.keys_as_json,
    }
    statements = _statements(interface.name)
    if rows.bad or (rows.came and await _holds_back(local, parameters)):
        await local.execute(read_sql("inbound/replace.sql", "quarantine"), parameters)
    asked = {**parameters, "whole": replaces and window is not None}
    known = await (await local.execute(statements["known"], asked, binary=True)).fetchall()
    new: Sequence[Row] = list(good.values())
    replaced = missing = 0
    if known:
        here = {row.content_hash for row in new}
        names = [_name_of_known(interface, key, hashed, rest) for _, key, hashed, rest, *_ in known]
        # A newer content of the same name was asked for later than this answer: it stays.
        fixed = {
            named
            for named, (_, _, hashed, *_, is_newer) in zip(names, known, strict=True)
            if hashed in here or (is_newer and named in good)
        }
        new = [row for named, row in good.items() if named not in fixed]
        sure = {row.key for row in rows.good} - rows.unsure if replaces else set()

        async def change(statement: str, row_ids: Sequence[int]) -> int:
            if not row_ids:
                return 0
            return (await local.execute(statements[statement], {**parameters, "row_ids": row_ids})).rowcount

        found = [row_id for row_id, _, hashed, _, is_missing, _ in known if is_missing and hashed in here]
        await change("found_again", found)
        replaced = await change(
            "replace",
            [
                row_id
                for named, (row_id, key, *_) in zip(names, known, strict=True)
                if named not in fixed and (named in good or key in sure)
            ],
        )
        missing = await change(
            "mark_missing", [row_id for row_id, key, _, _, is_missing, _ in known if key not in keys and not is_missing]
        )
    if new:
        await _add(local, statements["add"], new, interface, requested_at, window)
    return Stored(added=len(new), replaced=replaced, missing=missing)


def _name_of_known(interface: Interface, key: str, content_hash: bytes, rest: Sequence[str] | None) -> Hashable:
    """The name of a stored row, as `named_by` gives that of a row which came."""
    if not interface.one_row:
        return content_hash
    return (key, *rest) if rest else key


async def _holds_back(local: AsyncConnection, parameters: Mapping[str, object]) -> bool:
    """Whether rows of the table are in quarantine, so that an answer may fix them."""
    query = b"SELECT FROM hotline.quarantined_answer WHERE state = 'open' AND interface = any(%(interfaces)s) LIMIT 1"
    return (await local.execute(query, parameters)).rowcount > 0


async def _add(
    local: AsyncConnection,
    statement: bytes,
    rows: Sequence[Row],
    interface: Interface,
    requested_at: datetime,
    window: Window | None,
) -> None:
    # Times are readings of a clock in Asia/Shanghai, as every session of ours takes them
    # (architecture: times are read by us).
    bounds = (readable(window.begin), readable(window.end)) if window else ("", "")
    rest = "\0".join(("", interface.name, requested_at.isoformat(), *bounds)).encode("ascii")
    async with local.cursor().copy(statement) as copy:
        await copy.write(_lines(rows, rest))


def _lines(rows: Sequence[Row], rest: bytes) -> bytes:
    """The rows as COPY reads them, escaped all at once; a column that is empty is NULL."""
    lines = b"".join(
        [
            b"%b\0\\x%b\0{%b}%b\xff"
            % (row.content, hexlify(row.content_hash), ",".join(row.flags).encode("ascii"), rest)
            for row in rows
        ]
    )
    for plain, escaped in _ESCAPES:
        lines = lines.replace(plain, escaped)
    return lines


_ESCAPES = (
    *((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t")),
    *((b"\0", b"\t"), (b"\xff", b"\n")),
)
"""In this order: backslashes first, what parts columns and rows last. No good text holds NUL, nor UTF-8 a byte FF."""
