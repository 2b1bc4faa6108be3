"""The whole quality check (质量检查): every typed table that exists, by contract and by SQL files.

See architecture: data quality. It judges tables and reports; no row is held back or changed by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.errors import StopRun
from hotline_bridge.quality.checks import check_columns, checks_of, run_check
from hotline_bridge.quality.expectations import validate
from hotline_bridge.quality.suites import interfaces_by_table, suite_of
from hotline_bridge.store.database import connect
from hotline_bridge.store.failures import explained
from hotline_bridge.store.typed_tables import window_column

if TYPE_CHECKING:
    from hotline_bridge.errors import Failures
    from hotline_bridge.quality.results import Result, Window


def check_tables(conninfo: str, window: Window, failures: Failures) -> list[Result]:
    """Judge every typed table that exists.

    Args:
        conninfo: libpq connection string of the local store.
        window: Which rows are judged.
        failures: Learns which rules could not be run; the others are judged all the same.

    Raises:
        StopRun: The account is refused, or there is no typed table.
        TryAgainLater: The store cannot be reached.
    """
    interfaces = interfaces_by_table()
    with connect(conninfo) as local:
        looked = {table: check_columns(local, interface) for table, interface in interfaces.items()}
        tables = {table: found for table, found in looked.items() if found[0].passed is not None}
        if not tables:
            raise StopRun("the local store has no typed table", remedy="run `hotline migrate` first")
        results = [result for result, _ in tables.values()]
        # Without its time of writing, no row of a table is in any window.
        columns = {table: names for table, (_, names) in tables.items() if window_column(interfaces[table]) in names}
        for check in (check for table in columns for check in checks_of(interfaces[table], columns)):
            if not local.broken:
                with failures.apart(), explained(what=f"{check.rule} of hotline.{check.table} could not be checked"):
                    results.append(run_check(local, check, window))
    suites = [suite_of(interfaces[table], names, window) for table, names in columns.items()]
    return [*results, *validate(conninfo, suites, window, failures)]
