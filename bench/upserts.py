"""Run in a process of its own: the loop that publishing is compared with, what one writes first.

    python -m bench.upserts DATABASE SINCE

Publishes to DATABASE, a copy of the docking store from before, the rows that the bridge has published since: for each
row SELECT, compare, UPSERT, each committed. Which rows there are it is told, and does not have to find out.
Prints one JSON object: rows written, and the seconds that it took.
"""

from __future__ import annotations

import json
import sys
import time

import psycopg

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.publish import OF_ORDERS
from hotline_bridge.store.database import connect


def main() -> None:
    """Run the loop, in autocommit over a kept connection, and say what it took."""
    copy, since = sys.argv[1:]
    written, seconds = 0, 0.0
    bridge = conninfo("docking_db")
    with connect(bridge) as docking, connect(psycopg.conninfo.make_conninfo(bridge, dbname=copy)) as target:
        for table in OF_ORDERS:
            key, columns = docking_tables()[table].key, docking_tables()[table].carried
            names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
            where = " AND ".join(f"{name} = %s" for name in key)
            places = [columns.index(name) for name in key]
            select = f"SELECT {names} FROM docking.{table} WHERE {where}".encode()  # noqa: S608  (names of ours)
            upsert = (
                f"INSERT INTO docking.{table} ({names}) VALUES ({marks}) ON CONFLICT ({', '.join(key)})"  # noqa: S608
                f" DO UPDATE SET ({names}, updated_at) = (SELECT {', '.join(f'excluded.{n}' for n in columns)}, now())"
            ).encode()
            changed = f"SELECT {names} FROM docking.{table} WHERE updated_at >= %s".encode()  # noqa: S608  (the same)
            rows = docking.execute(changed, [since]).fetchall()
            began = time.perf_counter()
            for row in rows:
                if target.execute(select, [row[place] for place in places]).fetchone() != row:
                    written += target.execute(upsert, row).rowcount
            seconds += time.perf_counter() - began
    sys.stdout.write(f"{json.dumps({'written': written, 'call_s': seconds})}\n")


if __name__ == "__main__":
    main()
