"""What a quality check (质量检查) found: one type for what Great Expectations and what SQL judge.

Kept in `hotline.quality_result`, one row a rule, a table and a check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from hotline_bridge.errors import StopRun
from hotline_bridge.quality.words import words_of
from hotline_bridge.store.sql import read_sql
from hotline_bridge.window import asked_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

Severity = Literal["error", "warning"]

KEY_LIMIT = 50
"""Keys of failing rows that are kept; the table's own check holds the same number."""
DEFAULT_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """Rows written (inbound: loaded) from `begin` up to, not including, `end`; aware datetimes."""

    begin: datetime
    end: datetime


def window_of(begin: str | None, end: str | None, now: datetime) -> Window:
    """The window that two texts ask for (`window.asked_window`), the last seven days before `now` without.

    Raises:
        StopRun: They ask for no window.
    """
    return Window(*(asked_window(begin, end) or (now - DEFAULT_SPAN, now)))


@dataclass(frozen=True, slots=True)
class Result:
    """One rule on one table; `failing` of `checked` rows (hours, columns) broke it. Holds keys, never other values."""

    table: str
    """In schema hotline."""
    rule: str
    """`field:kind`, or the kind alone where the rule is about the table; kinds are those of `quality.words`."""
    severity: Severity
    checked: int
    failing: int
    keys: tuple[str, ...] = ()
    """At most KEY_LIMIT of the failing ones."""

    @property
    def passed(self) -> bool | None:
        """None: there was nothing to judge."""
        return self.failing == 0 if self.checked else None

    @property
    def message_zh(self) -> str:
        """The result as a sentence for staff: rule and counts, without any value or key."""
        title = f"{self.table} {self.rule.rpartition(':')[0]}".strip()
        words = words_of(self.rule)
        if self.passed is None:
            return f"{title}：{words.nothing}"
        told = words.good if self.passed else words.bad
        if not words.unit:
            return f"{title}：{told}"
        if self.passed:
            return f"{title}：{told}（{self.checked} {words.unit}）"
        return f"{title}：{told}，{self.checked} {words.unit}中有 {self.failing} {words.unit}"


def evaluate(
    table: str, rule: str, *, error_above: float | None, checked: int, failing: int, keys: Iterable[object] = ()
) -> Result:
    """The result of a rule from its counts.

    Args:
        table: In schema hotline.
        rule: See `Result.rule`.
        error_above: Share of the checked above which the failing are an error; up to it, and always when None, they are
            a warning, which does not turn a run red.
        checked: How many were judged.
        failing: How many of them broke the rule.
        keys: Of the failing; blank ones are left out.
    """
    tolerated = error_above is None or 0 < failing <= error_above * checked
    severity: Severity = "warning" if tolerated else "error"
    named = tuple(str(key) for key in keys if key not in {None, ""})[:KEY_LIMIT]
    return Result(table, rule, severity, checked, failing, named)


@dataclass(frozen=True, slots=True)
class PastResult:
    """A result, and since which check up to then it fails without a pass in between; None where it does not fail."""

    result: Result
    since: datetime | None


@dataclass(frozen=True, slots=True)
class PastCheck:
    """All results of one check."""

    checked_at: datetime
    window: Window
    results: tuple[PastResult, ...]

    def failing(self, severity: Severity) -> tuple[PastResult, ...]:
        """Those of a severity that did not pass."""
        return tuple(past for past in self.results if past.result.passed is False and past.result.severity == severity)


def write_results(local: Connection, checked_at: datetime, window: Window, results: Sequence[Result]) -> None:
    """Add the results of one check, all or none.

    Args:
        local: Session on the local store, in autocommit.
        checked_at: Names the check; a check of the present, not of a past window, ends at this moment.
        window: Which rows were judged.
        results: Of all rules.
    """
    with local.transaction(), local.cursor() as cursor:
        cursor.executemany(
            read_sql("quality/results.sql", "insert_result"),
            [
                {
                    "checked_at": checked_at,
                    "table_name": result.table,
                    "rule": result.rule,
                    "window_begin": window.begin,
                    "window_end": window.end,
                    "severity": result.severity,
                    "passed": result.passed,
                    "failing_count": result.failing,
                    "checked_count": result.checked,
                    "message_zh": result.message_zh,
                    "keys": list(result.keys),
                }
                for result in results
            ],
        )


def read_check(local: Connection, checked_at: datetime) -> PastCheck:
    """One check, with what earlier ones say about its findings.

    Raises:
        StopRun: There is no such check.
    """
    rows = local.execute(read_sql("quality/results.sql", "read_check"), {"checked_at": checked_at}).fetchall()
    if not rows:
        raise StopRun(f"no quality check of {checked_at.isoformat()}", remedy="run the check again")
    results = tuple(
        PastResult(Result(table, rule, severity, checked, failing, tuple(keys)), since)
        for table, rule, severity, checked, failing, keys, since, _begin, _end in rows
    )
    return PastCheck(checked_at, Window(*rows[0][7:9]), results)
