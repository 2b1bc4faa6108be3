"""The steps of the quality check with its connection resolved: the DAG and the command line call the same ones.

Heavy imports stand inside the functions, so that a DAG file that names these steps stays light to parse.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.quality.results import PastCheck, Severity

_REFUSES = "the local store refuses"


def check(begin: str | None = None, end: str | None = None) -> str:
    """Check every typed table over a window and keep the results in `hotline.quality_result`.

    Args:
        begin: With `end`: rows written from here, ISO text, Asia/Shanghai where it names no zone; else the last seven
            days.
        end: Up to here, itself not in it.

    Returns:
        When it was checked, ISO text: the name of the check in `hotline.quality_result`.

    Raises:
        StopRun: The connection is missing or refused, a table or right is missing, or the window is none.
        TryAgainLater: The local store cannot be reached, or a rule could not be run.
    """
    from hotline_bridge.errors import Failures
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.quality.checks import check_tables
    from hotline_bridge.quality.results import window_of, write_results
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.failures import explained

    now = datetime.now(SHANGHAI)
    window = window_of(begin, end, now)
    # What could be judged is kept, then the run ends red with the rules that could not.
    with Failures() as failures, explained(what=_REFUSES):
        results = check_tables(conninfo("local_db"), window, failures)
        with connect(conninfo("local_db")) as local:
            write_results(local, now, window, results)
    return now.isoformat()


def read(checked_at: str) -> PastCheck:
    """A check with all its results, as it is kept. Raises StopRun when there is none of this name."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.quality.results import read_check
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.failures import explained

    with explained(what=_REFUSES), connect(conninfo("local_db")) as local:
        return read_check(local, datetime.fromisoformat(checked_at))


def write_page(checked_at: str, file: Path | None = None) -> dict[str, int]:
    """Write the page of a check in Chinese.

    Args:
        checked_at: From `check`.
        file: By default `quality.html` in the folder of reports (`reports.files.report_folder`).

    Returns:
        Small counts of the check: rules, errors, warnings, and rules that were not judged.

    Raises:
        StopRun: There is no such check, or the file cannot be written.
    """
    from hotline_bridge.quality.report import write_report
    from hotline_bridge.reports.files import QUALITY_PAGE, report_folder

    found = read(checked_at)
    write_report(found, file or report_folder() / QUALITY_PAGE)
    return {
        "rules": len(found.results),
        "errors": len(found.failing("error")),
        "warnings": len(found.failing("warning")),
        "not_judged": sum(past.result.passed is None for past in found.results),
    }


def findings(checked_at: str, severity: Severity) -> list[str]:
    """What a check found, each a sentence in Chinese without any value or key; errors turn its run red."""
    return [past.result.message_zh for past in read(checked_at).failing(severity)]
