"""What is exported of a view (导出范围): its columns, and a filter that is read into columns, operators and values.

No text of the asker gets into a statement: columns are those of the catalog, operators those of a list, values are
typed here and quoted by psycopg.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.clock import iso_moment
from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from hotline_bridge.contract.register import View
    from hotline_bridge.store.database import Session

_COMPARISONS = ("=", "!=", "<>", "<=", ">=", "<", ">", "like")
_BOOLEANS = {"true": True, "false": False}
GRAMMAR = "COLUMN OPERATOR VALUE [AND ...]"
_HOW = (
    f"write {GRAMMAR}, such as \"day >= 2026-01-01 AND kind in (complaint, report) AND company_name like '%食品%'\":"
    f" operators {' '.join(_COMPARISONS)}, in (...), is null, is not null; values with blanks in single quotes"
)
_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign><=|>=|<>|!=|[=<>(),])|(?P<word>[^\s'=<>!(),]+))\s*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view, with its type as PostgreSQL writes it."""

    name: str
    type: str

    @property
    def is_text(self) -> bool:
        """Whether it holds text, codes and numbers of things among it."""
        return self.type == "text" or self.type.startswith("character")


@dataclass(frozen=True, slots=True)
class Condition:
    """One column compared with values, as they were written or (`typed`) as values of its type."""

    column: str
    operator: str
    values: tuple[object, ...]

    def __str__(self) -> str:
        """Its shape, without a value: what may be kept of it."""
        marks = ", ".join("?" * len(self.values))
        return f"{self.column} {self.operator} {f'({marks})' if self.operator == 'in' else marks}".rstrip()

    def as_sql(self) -> sql.Composable:
        """The condition on a row that is called `v`."""
        column = sql.SQL("v.{}").format(sql.Identifier(self.column))
        values = sql.SQL(", ").join(map(sql.Literal, self.values))
        if self.operator == "in":
            return sql.SQL("{} IN ({})").format(column, values)
        return sql.SQL(f"{{}} {self.operator} {{}}").format(column, values)


@dataclass(frozen=True, slots=True)
class Selection:
    """Columns of a view, of the rows that meet all conditions."""

    view: View
    all_columns: Mapping[str, Column]
    columns: tuple[Column, ...]
    conditions: tuple[Condition, ...]

    @property
    def shape(self) -> str:
        """The filter without its values."""
        return " AND ".join(map(str, self.conditions))

    def of(self, rows: sql.Composable, columns: sql.Composable) -> sql.Composed:
        """The statement that reads these columns of the rows that meet the conditions.

        Args:
            rows: A view, or a statement in parentheses.
            columns: What is selected of each row, which is called `v`.
        """
        meets = sql.SQL(" AND ").join([sql.SQL("TRUE"), *(condition.as_sql() for condition in self.conditions)])
        return read_sql("analytics/export.sql", "rows").format(selected=columns, rows_read=rows, meets=meets)


def select(
    session: Session, views: Mapping[str, View], name: str, columns: Sequence[str] | None, conditions: Sequence[str]
) -> Selection:
    """Find out what is asked for.

    Args:
        session: On the local store, with the rights of whoever asks.
        views: The register's.
        name: Of the view, with or without its schema.
        columns: Names in the order of the file; all columns where it is None.
        conditions: Filters, each as `GRAMMAR` says; a row has to meet them all.

    Raises:
        StopRun: There is no such view or column, this account may not read it, or a filter cannot be read.
    """
    name = name.removeprefix("analytics.")
    readable = {found for (found,) in session.execute(*_query("readable", view_names=list(views)))}
    if name not in readable:
        missing = "may not be read by this account" if name in views else "is no view for analysts"
        raise StopRun(
            f"{_told(name)} {missing}",
            remedy=f"there are {', '.join(sorted(readable))}"
            if readable
            else "run `hotline migrate`, and see docs/accounts.md",
        )
    known = {found: Column(found, of_type) for found, of_type in session.execute(*_query("columns", view_name=name))}
    wanted = list(dict.fromkeys(columns)) if columns else list(known)
    compared = [part for text in conditions for part in read_filter(text)]
    if unknown := [column for column in (*wanted, *(part.column for part in compared)) if column not in known]:
        raise StopRun(f"view {name} has no column {_told(unknown[0])}", remedy=f"there are {', '.join(known)}")
    return Selection(
        view=views[name],
        all_columns=known,
        columns=tuple(known[column] for column in wanted),
        conditions=tuple(typed(part, known[part.column]) for part in compared),
    )


def _query(name: str, **parameters: object) -> tuple[sql.SQL, Mapping[str, object]]:
    return read_sql("analytics/export.sql", name), parameters


def read_filter(text: str) -> list[Condition]:
    """The conditions of a filter, their values as they were written.

    Raises:
        StopRun: It is not as `GRAMMAR` says; the sentence holds no value.
    """
    tokens = list(_tokens(text))
    found = []
    while True:
        found.append(_condition(tokens))
        if not tokens:
            return found
        if not _takes(tokens, "and"):
            raise _unreadable(f"{found[-1].column} {found[-1].operator} is followed by something other than AND")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text.rstrip()):
        if not (match := _TOKEN.match(text, place)):
            raise _unreadable(f"character {place + 1} is out of place")
        place, kind = match.end(), str(match.lastgroup)
        yield kind, match[kind]


def _condition(tokens: list[tuple[str, str]]) -> Condition:
    column = _next(tokens, "word", "a column").lower()
    if _takes(tokens, "is"):
        negated = _takes(tokens, "not")
        if not _takes(tokens, "null"):
            raise _unreadable(f"{_told(column)} is ... ends in no null")
        return Condition(column, "is not null" if negated else "is null", ())
    if _takes(tokens, "in"):
        _next(tokens, "sign", "a parenthesis", "(")
        values = [_value(tokens)]
        while _takes(tokens, ","):
            values.append(_value(tokens))
        _next(tokens, "sign", "a closing parenthesis", ")")
        return Condition(column, "in", tuple(values))
    for operator in _COMPARISONS:
        if _takes(tokens, operator):
            return Condition(column, operator, (_value(tokens),))
    raise _unreadable(f"{_told(column)} is followed by no operator")


def _takes(tokens: list[tuple[str, str]], word: str) -> bool:
    """Whether this unquoted word or sign comes next; then it is read."""
    if tokens and tokens[0][0] != "text" and tokens[0][1].lower() == word:
        del tokens[0]
        return True
    return False


def _next(tokens: list[tuple[str, str]], kind: str, what: str, exactly: str | None = None) -> str:
    if not tokens or tokens[0][0] != kind or exactly not in {None, tokens[0][1]}:
        raise _unreadable(f"{what} is missing")
    return tokens.pop(0)[1]


def _value(tokens: list[tuple[str, str]]) -> str:
    if tokens and tokens[0][0] == "text":
        return tokens.pop(0)[1][1:-1].replace("''", "'")
    return _next(tokens, "word", "a value")


def typed(condition: Condition, column: Column) -> Condition:
    """The condition with values of the column's type: PostgreSQL never guesses (architecture: times are read by us).

    Raises:
        StopRun: A value is none of the type, or the operator does not fit it.
    """
    if condition.operator == "like" and not column.is_text:
        raise StopRun(f"{column.name} is of type {column.type}: like compares text alone", remedy=_HOW)
    try:
        values = tuple(_typed(str(value), column) for value in condition.values)
    except (ValueError, KeyError, InvalidOperation):
        raise StopRun(
            f"a value for {column.name} is no {column.type}",
            remedy="write a date as 2026-01-31, a time as 2026-01-31T08:00 (Asia/Shanghai), a boolean as true or false",
        ) from None
    return Condition(condition.column, condition.operator, values)


def _typed(text: str, column: Column) -> object:
    if column.is_text:
        return text
    if column.type == "boolean":
        return _BOOLEANS[text.lower()]
    if column.type == "date":
        return date.fromisoformat(text)
    if column.type.startswith("timestamp"):
        return iso_moment(text)
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _told(name: str) -> str:
    """A name that a stranger gave, fit for a sentence: it may be a value in the wrong place."""
    return name if re.fullmatch(r"[\w.]{1,63}", name, re.ASCII) else "of that name"


def _unreadable(why: str) -> StopRun:
    return StopRun(f"the filter cannot be read: {why}", remedy=_HOW)


def quoted(names: Collection[str]) -> sql.Composed:
    """Columns of a row that is called `v`, with commas."""
    return sql.SQL(", ").join(sql.SQL("v.{}").format(sql.Identifier(name)) for name in names)
