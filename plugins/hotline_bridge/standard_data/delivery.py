"""Code lists that somebody delivers (代码表导入): kept, compared with what is known, put in place, withdrawn.

A list that is in use stands in the place of its file in `include/standard_data`, until it is withdrawn. A file without
days says which codes there are from a day on: earlier meanings keep the days up to then, so that what was registered
before is read as it was meant. A file with days says all versions of all codes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.standard_data.delivered_file import Code, Delivered
from hotline_bridge.standard_data.lists import (
    CodeVersion,
    code_lists,
    read_codes,
    read_list,
    standard_data_lock,
)
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand


@dataclass(frozen=True, slots=True)
class Change:
    """A code whose meaning is another with a delivery; an empty name: it is not in the list."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a delivery would change, as of a day."""

    versions: Sequence[CodeVersion] = field(repr=False)
    """All that the list would hold."""
    added: Sequence[Change] = ()
    changed: Sequence[Change] = ()
    removed: Sequence[Change] = ()
    same: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivered list as it is kept."""

    delivered: Delivered = field(repr=False)
    row_id: int
    category: str
    uploaded_at: datetime
    actor: str
    file_name: str
    source: str
    source_date: date
    holds_from: date | None
    state: str


def previewed(
    known: Sequence[CodeVersion], category: str, delivered: Delivered, holds_from: date | None, source: str, on: date
) -> Preview:
    """What a list would hold with a delivery, and what that changes as of the day from which it holds.

    Args:
        known: All versions of the list now.
        category: The list.
        delivered: The file.
        holds_from: From which day on the file is the whole list; None: since nobody knows when, so that nothing of
            what was known stays. Not used where the file has days.
        source: Who says so.
        on: The day on which that was read.
    """

    def version(code: Code) -> CodeVersion:
        return CodeVersion(category, code_lists()[category].zh, *code, source, on)

    if delivered.has_days or holds_from is None:
        versions = [version(code) for code in delivered.codes]
    else:
        names = {code.code: code.name for code in delivered.codes}
        versions, standing = [], set()
        for one in known:
            if (one.valid_from or date.min) > holds_from:
                continue  # what was to come is said anew by this list
            if (one.valid_to or date.max) < holds_from:
                versions.append(one)
            elif names.get(one.code) == one.name:
                versions.append(one._replace(valid_to=None))
                standing.add(one.code)
            elif (one.valid_from or date.min) < holds_from:
                versions.append(one._replace(valid_to=holds_from - timedelta(days=1)))
        versions += [version(Code(code, name, holds_from)) for code, name in names.items() if code not in standing]
    day = on if delivered.has_days or holds_from is None else holds_from
    before, after = _meanings(known, day), _meanings(versions, day)
    changes = [Change(code, before.get(code, ""), after.get(code, "")) for code in sorted(before.keys() | after.keys())]
    return Preview(
        sorted(versions, key=lambda one: (one.code, one.valid_from or date.min)),
        [one for one in changes if not one.before],
        [one for one in changes if one.before and one.after and one.before != one.after],
        [one for one in changes if not one.after],
        sum(one.before == one.after for one in changes),
    )


def _meanings(versions: Iterable[CodeVersion], day: date) -> dict[str, str]:
    return {one.code: one.name for one in versions if (one.valid_from or date.min) <= day <= (one.valid_to or date.max)}


def keep_upload(
    local: Connection,
    category: str,
    delivered: Delivered,
    *,
    actor: str,
    file_name: str,
    source: str,
    source_date: date,
    holds_from: date | None,
) -> int:
    """Keep a delivered list aside until somebody confirms it; gives its number. Older ones that nobody did are dropped.

    Args:
        local: Session on the local store, in autocommit.
        category: The list.
        delivered: The file.
        actor: Who uploads it.
        file_name: As its owner calls it.
        source: Who says so.
        source_date: The day on which that was read.
        holds_from: See `previewed`.
    """
    [(row_id,)] = local.execute(
        read_sql("standard_data/delivery.sql", "keep"),
        {
            "category": category,
            "actor": actor,
            "file_name": file_name,
            "said_by": source,
            "source_date": source_date,
            "holds_from": holds_from,
            "has_days": delivered.has_days,
            "remarks": list(delivered.remarks),
            "codes": json.dumps(delivered.codes, default=date.isoformat, ensure_ascii=False),
        },
    ).fetchall()
    return int(row_id)


def find_delivery(local: Connection, row_id: int) -> Delivery | None:
    """A delivered list by its number; None where there is none."""
    found = local.execute(read_sql("standard_data/delivery.sql", "find"), {"row_id": row_id}).fetchone()
    if found is None:
        return None
    *known, has_days, codes, remarks = found
    day: Callable[[str | None], date | None] = lambda text: date.fromisoformat(text) if text else None  # noqa: E731
    delivered = Delivered(
        [Code(code, name, day(begin), day(end)) for code, name, begin, end in codes], has_days, remarks
    )
    return Delivery(delivered, *known)


def preview_of(local: Connection, delivery: Delivery) -> Preview:
    """What a delivered list would change now."""
    known = read_list(local, delivery.category)
    return previewed(
        known, delivery.category, delivery.delivered, delivery.holds_from, delivery.source, delivery.source_date
    )


def put_in_use(local: Connection, delivery: Delivery, seen: Preview, by: ByHand) -> bool:
    """Put a delivered list in the place of what is known. False where somebody changed the list since it was seen.

    Args:
        local: Session on the local store, in autocommit.
        delivery: One that nobody confirmed yet.
        seen: What it would change, as the person saw it.
        by: Who confirms it, and why.
    """
    with local.transaction():
        standard_data_lock(local)
        now = find_delivery(local, delivery.row_id)
        if now is None or now.state != "uploaded" or preview_of(local, now) != seen:
            return False
        return _replace(local, delivery.category, seen.versions, by, delivery.row_id)


def withdraw(local: Connection, category: str, by: ByHand) -> bool:
    """Take the list that is in use back: from now on its file counts again. False where none is in use.

    Args:
        local: Session on the local store, in autocommit.
        category: The list.
        by: Who, and why.

    Raises:
        StopRun: The file is missing or wrong; nothing is changed then.
    """
    of_file = [version for version in read_codes() if version.category == category]
    return _replace(local, category, of_file, by)


def _replace(
    local: Connection, category: str, versions: Iterable[CodeVersion], by: ByHand, row_id: int | None = None
) -> bool:
    [(is_done,)] = local.execute(
        read_sql("standard_data/delivery.sql", "replace"),
        {
            "category": category,
            "row_id": row_id,
            "versions": json.dumps(
                [version._asdict() for version in versions], default=date.isoformat, ensure_ascii=False
            ),
            "actor": by.actor,
            "reason": by.reason,
        },
    ).fetchall()
    return bool(is_done)
