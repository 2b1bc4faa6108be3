"""A run that watches (守候): after its work it looks every other second whether more has come, until the next one does.

Runs begin once a minute, so what comes in between would wait half a minute. A look is one indexed query; between two
looks the process sleeps, with no transaction open.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from hotline_bridge.ending import asked_to_end
from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Generator

    from psycopg import sql

    Looks = Generator[list[tuple[Any, ...]], None, None]

ENVIRONMENT = "HOTLINE_LOOK_S"
"""Environment variable: seconds from one look to the next; 0: runs do not watch."""
LOOK_S = 2.0
"""Two flows look at the docking store: together they ask it once a second."""
SELDOMEST_LOOK_S = 60.0
LONGEST_S = 180.0
"""How long a run watches where no next one comes."""


def look_every_s() -> float:
    """Seconds from one look to the next, as the deployment sets it; 0 where runs do not watch.

    Raises:
        StopRun: The variable is no number of seconds.
    """
    text = os.environ.get(ENVIRONMENT, "").strip()
    with suppress(ValueError):
        if 0 <= (every_s := float(text or LOOK_S)) <= SELDOMEST_LOOK_S:
            return every_s
    raise StopRun(
        f"environment variable {ENVIRONMENT} is no number of seconds",
        remedy=f"set it to the seconds from one look to the next, {SELDOMEST_LOOK_S:g} at most, or to 0: then what"
        " comes waits for the next minute",
    )


def is_watching() -> bool:
    """Whether runs watch; that the variable cannot be read is told by the runs themselves."""
    try:
        return look_every_s() > 0
    except StopRun:
        return True


def looks(dag: str, connection: str, query: sql.SQL | sql.Composed, every_s: float) -> Looks:
    """Ask a store again and again; give what it answers, where it answers anything, until the next run is there.

    The next run is there once it has noted that it did what there was (`runs.record_run`), as this one did before: so
    nothing comes in between, and there are not two that look. SIGTERM and whoever gives the task up end it too.

    Args:
        dag: Fixed name of the DAG whose run this is.
        connection: Name of the Airflow connection to the store.
        query: What is asked: without rows as long as there is nothing to do.
        every_s: Seconds from one look to the next.

    Raises:
        StopRun, TryAgainLater: A store cannot be asked.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect
    from hotline_bridge.store.sql import read_sql

    until = monotonic() + LONGEST_S
    with ExitStack() as stack:
        end = stack.enter_context(asked_to_end())
        local = stack.enter_context(connect(conninfo("local_db")))
        store = local if connection == "local_db" else stack.enter_context(connect(conninfo(connection)))
        [(since,)] = local.execute("SELECT now()").fetchall()
        relieved = read_sql("outbound/status.sql", "relieved")
        while not end.wait(every_s) and monotonic() < until:
            if local.execute(relieved, {"dag": dag, "since": since}).rowcount:
                return
            if found := store.execute(query).fetchall():
                yield found
