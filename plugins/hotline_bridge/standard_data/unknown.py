"""Codes in the data that no list knows (未知代码): a list is out of date, or somebody writes what is no code."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from hotline_bridge.standard_data.lists import coded_fields
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

NO_CODE = "(no code 不是代码)"
"""Stands for every value that does not look like a code: it may be a text of a person, and is never shown."""

_CODE = re.compile(r"(?=.)[A-Za-z]{0,3}[0-9]{0,10}", re.ASCII)  # shorter than the numbers of people and telephones


class UnknownCode(NamedTuple):
    """A code of a field of a typed table that is in no version of its list, and in how many current rows it stands."""

    interface: str
    field: str
    category: str
    code: str
    rows: int
    has_list: bool
    """False where the list is empty: nobody delivered it yet, so that every code is unknown."""


def unknown_codes(local: Connection) -> Iterator[UnknownCode]:
    """Look through every field that holds codes, in the order of the contract; the most frequent code first.

    Args:
        local: Session on the local store, in autocommit.
    """
    delivered = {name for (name,) in local.execute("SELECT DISTINCT category FROM hotline.standard_data").fetchall()}
    for interface, field, category in coded_fields():
        query = read_sql("standard_data/unknown.sql").format(
            column=sql.Identifier(field.column), table=sql.Identifier("hotline", str(interface.table))
        )
        shown: Counter[str] = Counter()
        for code, rows in local.execute(query, {"key": category}):
            shown[code if _CODE.fullmatch(code) else NO_CODE] += rows
        for shown_code, rows in shown.most_common():
            yield UnknownCode(interface.name, field.name, category, shown_code, rows, category in delivered)


def keep_unknown_codes(local: Connection) -> int:
    """Count them anew for the page that shows them: every table is read, which takes too long for a page. Gives codes.

    Args:
        local: Session on the local store, in autocommit.
    """
    found = [(code.interface, code.field, code.category, code.code, code.rows) for code in unknown_codes(local)]
    with local.transaction(), local.cursor() as cursor:
        cursor.execute("DELETE FROM hotline.unknown_code")
        cursor.executemany(
            "INSERT INTO hotline.unknown_code (interface, field, category, code, row_count)"
            " VALUES (%s, %s, %s, %s, %s)",
            found,
        )
    return len(found)
