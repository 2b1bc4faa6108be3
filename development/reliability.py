"""`make reliability`: run the tests that `docs/reliability.yaml` names, and write how they ended into the page.

python -m development.reliability [F30 F31 ...] [OPTIONS OF PYTEST]
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from development.pages.pages import write_pages
from development.pages.reliability import Result, faults, write_results
from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Sequence


class Recorder:
    """A plugin of pytest that counts how the cases of each test ended, also those that workers ran."""

    def __init__(self) -> None:
        self._ended: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for set-up, call and teardown of each case."""
        if report.when == "call" or report.outcome != "passed":
            self._ended[re.sub(r"\[.*", "", report.nodeid, flags=re.DOTALL)][report.outcome] += 1

    def results(self) -> dict[str, Result]:
        """By test: failed where one case failed, skipped where all were."""
        today = datetime.now(SHANGHAI).date().isoformat()
        return {
            test: Result(
                outcome="failed" if counts["failed"] else "passed" if counts["passed"] else "skipped",
                cases=counts.total(),
                on=today,
            )
            for test, counts in self._ended.items()
        }


def run(project: Path, arguments: Sequence[str]) -> int:
    """Run the tests of the named faults, of all where none is named, with those marked `long`.

    Args:
        project: The project's folder.
        arguments: Numbers of faults; whatever else there is goes to pytest.

    Returns:
        How pytest ended.
    """
    asked = {argument for argument in arguments if re.fullmatch(r"F\d\d", argument)}
    options = [argument for argument in arguments if argument not in asked]
    chosen = [fault for fault in faults(project).faults if not asked or fault.id in asked]
    recorder = Recorder()
    tests = sorted({test for fault in chosen for test in fault.tests})
    code = pytest.main(["--timeout", "3600", "-m", "", *tests, *options], plugins=[recorder])
    write_results(project, recorder.results())
    write_pages(project)
    return int(code)


if __name__ == "__main__":
    sys.exit(run(Path(), sys.argv[1:]))
