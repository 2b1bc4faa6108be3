"""A store that years of an invented city have filled: made once a folder and size, and asked as often as one likes."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import sql

from bench.pages import fill_beside
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.postgres import Server, running_postgres
from hotline_sandbox.sample.years import Years, fill_years

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNFINISHED = "filling"
_WHILE_FILLING = {
    "autovacuum": "off",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""A store that breaks off is made anew, so that nothing of it needs to be safe."""


@contextmanager
def filled_store(folder: Path, *, calls: int, orders: int) -> Iterator[str]:
    """A server with its own (durable) defaults whose store holds almost three years until today.

    Args:
        folder: Of the server; what it was filled with before is used again, brought to today's schema.
        calls: Of the years, and of the platform.
        orders: Of the years.

    Yields:
        Connection string of the store, of a superuser.
    """
    name = f"years_{calls}_{orders}"
    with running_postgres(folder) as server:
        is_there = _is_there(server, name)
    if not is_there:
        with running_postgres(folder, settings=_WHILE_FILLING, durable=False) as server:
            _fill(server, name, calls, orders)
    with running_postgres(folder) as server:
        migrate_local(server.conninfo(name))
        yield server.conninfo(name)


def _is_there(server: Server, name: str) -> bool:
    with connect(server.conninfo("postgres")) as session:
        return bool(session.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount)


def _fill(server: Server, name: str, calls: int, orders: int) -> None:
    """Under another name until it is whole: a run that was broken off never passes for a filled store."""
    server.drop_database(_UNFINISHED)
    server.create_database(_UNFINISHED)
    local, began, today = server.conninfo(_UNFINISHED), time.perf_counter(), datetime.now(SHANGHAI).date()

    def tell(what: str) -> None:
        sys.stderr.write(f"filling {name}: {what} after {time.perf_counter() - began:,.0f} s\n")

    migrate_local(local)
    years = Years(calls, orders, today.replace(year=today.year - 2, month=1, day=1), today, named=True)
    fill_years(local, years, progress=lambda made: tell(f"{made:,} calls"))
    with connect(local) as session:
        session.execute("SET statement_timeout = 0")
        refresh(session)
        tell("facts and rollups")
    fill_beside(local, calls)
    with connect(local) as session:
        refresh(session)
    tell("all")
    with connect(server.conninfo("postgres")) as session:
        session.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (_UNFINISHED, name))))
