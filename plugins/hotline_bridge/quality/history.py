"""The history of quality checks: `hotline.quality_result`, one row a rule, a table and a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.quality.results import Result, Window
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.quality.results import Severity


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
            read_sql("quality/insert_result.sql"),
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
    rows = local.execute(read_sql("quality/results.sql"), {"checked_at": checked_at}).fetchall()
    if not rows:
        raise StopRun(f"no quality check of {checked_at.isoformat()}", remedy="run the check again")
    results = tuple(
        PastResult(Result(table, rule, severity, checked, failing, tuple(keys)), since)
        for table, rule, severity, checked, failing, keys, since, _begin, _end in rows
    )
    return PastCheck(checked_at, Window(*rows[0][7:9]), results)
