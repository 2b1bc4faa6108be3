"""Aggregates as they may leave (汇总导出): summed over dimensions that were not asked for, small cells blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.analytics.selection import quoted
from hotline_bridge.analytics.small_cells import ALL, sums, to_hide
from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from hotline_bridge.analytics.selection import Column, Selection
    from hotline_bridge.store.database import Session

MOST = 4_000_000
"""Cells with their sums of which small cells are looked for: some minutes, and two gigabytes."""
_ADDS_UP = ("_count", "_seconds", "_days", "_amount")
_OF_OTHER_ROWS = ("_before", "change_on_month", "change_on_year")
"""Measures that repeat counts of another row, which may be blank there."""
_MAIN, _OTHERS = 1, 2
"""What of a row is blank: all its measures, or all but the main count."""


def shown_rows(session: Session, selection: Selection) -> tuple[Selection, sql.Composed]:
    """Which columns are shown, and a statement for all rows of the view, as they may be shown.

    A dimension that is filtered by is shown too, so that the sums of two filters never stand for one cell; filters
    are for the caller to apply to what is shown, so that none of them reaches a blank count. Small cells are
    those of the whole view, whatever the filter: two filters would show each other's.

    Args:
        session: In a transaction that reads one state.
        selection: Of an aggregate, which has `dimensions` and `counts`.

    Raises:
        StopRun: A measure cannot be summed, or there are too many cells.
    """
    view, columns = selection.view, selection.all_columns
    wanted = [column for column in selection.columns if not column.name.endswith(_OF_OTHER_ROWS)]
    keys = [
        column
        for column in columns.values()
        if not _is_measure(column, view.dimensions, view.counts)
        and (column in wanted or column.name in {condition.column for condition in selection.conditions})
    ]
    names = [column.name for column in keys]
    compared = [columns[condition.column] for condition in selection.conditions]
    measures = list(
        dict.fromkeys(
            [
                *(columns[count] for count in view.counts),
                *(column for column in (*wanted, *compared) if column not in keys),
            ]
        )
    )
    rows: sql.Composable = sql.Identifier("analytics", view.name)
    if not set(view.dimensions) <= set(names):
        rows = sql.SQL("({})").format(_sums(rows, names, measures))
    hidden = _small_rows(session, rows, names, view.counts)
    statement = read_sql("analytics/export.sql", "shown").format(
        shown_columns=sql.SQL(", ").join(
            [*(quoted([name]) for name in names), *(_blanked(measure, view.counts[0]) for measure in measures)]
        ),
        rows_read=rows,
        small_rows=sql.Literal(list(hidden)),
        levels=sql.Literal(list(hidden.values())),
        row_key=quoted(names),
    )
    shown = tuple(dict.fromkeys([*(key for key in keys if key not in wanted), *wanted]))
    return type(selection)(view, columns, shown, selection.conditions), statement


def _is_measure(column: Column, dimensions: Sequence[str], counts: Sequence[str]) -> bool:
    """Whether it tells how much there is in a cell, and does not name it."""
    if column.name in dimensions:
        return False
    if column.name in counts or column.name == "as_of":
        return True
    return column.type.startswith(("bigint", "double", "integer", "numeric"))


def _sums(rows: sql.Composable, names: Sequence[str], measures: Iterable[Column]) -> sql.Composed:
    parts = [quoted([name]) for name in names]
    for measure in measures:
        if measure.name != "as_of" and not measure.name.endswith(_ADDS_UP):
            raise StopRun(
                f"{measure.name} cannot be summed over what was left out",
                remedy="leave it out too, or ask for all dimensions of the view",
            )
        aggregate = "min({}) AS {}" if measure.name == "as_of" else "sum({}) AS {}"
        parts.append(sql.SQL(aggregate).format(quoted([measure.name]), sql.Identifier(measure.name)))
    grouped = quoted(names) if names else sql.SQL("()")
    return read_sql("analytics/export.sql", "sums").format(
        selected=sql.SQL(", ").join(parts), rows_read=rows, row_key=grouped
    )


def _blanked(measure: Column, main: str) -> sql.Composed:
    at_level = sql.SQL("h.level = {}").format(_MAIN) if measure.name == main else sql.SQL("h.level IS NOT NULL")
    return sql.SQL("CASE WHEN {} THEN NULL ELSE {} END AS {}").format(
        at_level, quoted([measure.name]), sql.Identifier(measure.name)
    )


def _small_rows(
    session: Session, rows: sql.Composable, names: Sequence[str], counts: Sequence[str]
) -> Mapping[str, int]:
    """What is blank, by the text of a row's keys."""
    texts = [sql.SQL("v.{}::text").format(sql.Identifier(name)) for name in names]
    columns = sql.SQL(", ").join([sql.SQL("row({})::text").format(quoted(names)), *texts, quoted(counts)])
    statement = read_sql("analytics/export.sql", "rows").format(selected=columns, rows_read=rows, meets=sql.SQL("TRUE"))
    found = session.execute(statement).fetchmany(MOST + 1)
    dimensions = [place for place, name in enumerate(names) if not _is_label(name, names)]
    cells = {tuple(row[1 + place] for place in dimensions): row for row in found}
    if len(cells) < len(found):  # one code with two names
        dimensions = list(range(len(names)))
        cells = {tuple(row[1:][place] for place in dimensions): row for row in found}
    if len(found) << len(dimensions) > MOST:
        raise StopRun(
            f"of {len(found)} cells in {len(dimensions)} dimensions nearly all are small",
            remedy="name fewer of them with --columns (month,unit_code,order_count): the others are summed over",
        )
    first = 1 + len(names)
    main = {key: (_whole(row[first]),) for key, row in cells.items()}
    hidden = to_hide(main)
    blank = {key for key in hidden if ALL not in key}
    others = {key: tuple(map(_whole, row[first + 1 :])) for key, row in cells.items()}
    # Whoever sees how many orders there were knows that no more of them were overdue.
    shown = {key: count for key, (count,) in sums(main).items() if key not in hidden}
    partly: set[tuple[Hashable, ...]] = set()
    if len(counts) > 1:
        partly = {key for key in to_hide(others, blank=blank, at_most=shown) if ALL not in key}
    return {
        cells[key][0]: _MAIN if key in blank else _OTHERS
        for key in sorted(blank | partly, key=lambda key: str(cells[key][0]))
    }


def _is_label(name: str, names: Sequence[str]) -> bool:
    """Whether another column says the same: a code its name, a day its month."""
    stem = name.removesuffix("_masked").removesuffix("_name")
    return (stem != name and (stem in names or f"{stem}_code" in names)) or (name == "month" and "day" in names)


def _whole(count: object) -> int:
    return int(count) if count else 0  # type: ignore[call-overload]  # a number of PostgreSQL
