"""The steps of count reconciliation with their connections resolved: the DAG and the command line call the same ones.

Heavy imports stand inside the functions, so that a DAG file that names these steps stays light to parse.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hotline_bridge.names import told
from hotline_bridge.tasks.runs import unless_restoring

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotline_bridge.reconcile.evaluate import Check

log = logging.getLogger(__name__)


@unless_restoring
def reconcile(
    begin: str | None = None, end: str | None = None, *, repair: bool = True, budget_s: float = 3600.0
) -> list[Check]:
    """Compare the counts of both sides day by day, repair what differs, and compare again (`reconcile.run`).

    Args:
        begin: With `end`: only the days of this window. ISO text; Asia/Shanghai where it names no zone. Otherwise the
            last days (extra `reconcile_days`), and all others that were never counted, did not agree, or whose repair
            somebody asked for.
        end: See `begin`.
        repair: Whether to collect again and send again; otherwise it only looks, and keeps what it saw.
        budget_s: Seconds after which nothing more is asked or begun.

    Returns:
        The last check of each day and kind, telephony included.

    Raises:
        StopRun: A connection, table or right is missing, the platform refuses the authentication, no day of the window
            can be counted yet, or a day, kind or log cannot be judged: then all others were, and are kept.
        TryAgainLater: A database cannot be reached, or days were not reached within the budget.
    """
    import time
    from datetime import UTC, datetime, timedelta

    import uvloop

    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.names import ORDER_KINDS_ZH
    from hotline_bridge.reconcile import requests, run
    from hotline_bridge.reconcile.sides import ages_of
    from hotline_bridge.reconcile.state import Plan, plan
    from hotline_bridge.reconcile.telephony import check_logs
    from hotline_bridge.store.database import connect
    from hotline_bridge.window import asked_window

    ends_at = time.monotonic() + budget_s
    settings = platform_settings()
    within = asked_window(begin, end)
    with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        chosen: Plan = plan(local, settings.reconcile_days, within, datetime.now(UTC))
        failures = run.failures_of_run(docking, local)
        checks = check_logs(docking, local, chosen.logs, ages_of(settings), failures)
        checks += uvloop.run(
            run.reconcile(
                docking,
                local,
                conninfo("local_db"),
                settings,
                chosen.orders,
                repair=repair,
                limits=run.Limits(
                    patience=timedelta(hours=settings.resend_after_h),
                    budget_s=max(0.0, ends_at - time.monotonic()),
                ),
                failures=failures,
            )
        )
        if repair:
            requests.answer(local, (check for check in checks if check.kind in ORDER_KINDS_ZH))
    log.info("%d days and kinds are checked: %s", len(checks), told(counts_of(checks)))
    failures.check()
    return checks


def uncollected() -> int:
    """Days that no run counts yet, since their cases are still being collected for the first time."""
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.state import uncollected_days
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        return len(uncollected_days(local))


def counts_of(checks: Sequence[Check]) -> dict[str, int]:
    """Days and kinds by state: small enough for an XCom."""
    return {
        state: sum(check.state == state for check in checks) for state in ("agreed", "open", "incomplete", "unknown")
    }


def write_page(folder: Path | None = None) -> dict[str, int]:
    """Write the page in Chinese and its CSV; gives days and kinds by state.

    Args:
        folder: By default the folder of reports (`reports.files.report_folder`).

    Raises:
        StopRun: The connection is missing, or a file cannot be written.
        TryAgainLater: The local store cannot be reached.
    """
    from datetime import UTC, datetime

    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.report import report as write
    from hotline_bridge.reports.files import report_folder
    from hotline_bridge.store.database import connect

    days = platform_settings().reconcile_days
    with connect(conninfo("local_db")) as local:
        return write(local, folder or report_folder(), datetime.now(UTC), days=days)


def findings() -> list[str]:
    """What does not agree as of the last checks, a sentence in Chinese for each kind; no order numbers.

    Days whose difference somebody has accepted (`hotline accept`) are left out.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.reconcile.words import KIND_ZH, STATE_ZH
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.sql import read_sql

    with connect(conninfo("local_db")) as local:
        found = local.execute(read_sql("reconcile/state.sql", "findings")).fetchall()
    return [
        f"{KIND_ZH.get(kind, kind)}：{STATE_ZH[state]}，共 {days} 天（{first} 至 {last}）"
        for kind, state, days, first, last in found
    ]
