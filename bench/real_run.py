"""The main job on one real day of a call centre: counts, flags, and every reason for quarantine.

    PYTHONPATH=. .venv/bin/python -m bench.real_run FILE [--ratings]

A PostgreSQL and a platform of its own, both gone afterwards. No row of the file is shown or kept.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date
from pathlib import Path

import uvloop

from bench.real_day import import_day
from hotline_bridge.cli.output import render
from hotline_bridge.cli.status import as_table, read_status
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.docking.create import create_docking
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.versions import Policy
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN


def main() -> None:
    """Import the day, run intake and delivery, and say what became of every row."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="the call log of the day (CSV)")
    parser.add_argument("--ratings", action="store_true", help="make up ratings, which the file does not have")
    given = parser.parse_args()
    with throwaway_postgres() as server, running_sandbox() as platform:
        for name in ("docking", "local"):
            server.create_database(name)
        docking, local = server.conninfo("docking"), server.conninfo("local")
        create_docking(docking, for_trial=True)
        migrate_local(local)
        for table, rows in import_day(docking, given.file, date(2026, 11, 23), "440200", ratings=given.ratings).items():
            print(f"docking.{table}: {rows} rows")
        settings = PlatformSettings(platform.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
        logs = interfaces_of("telephony")
        with connect(docking) as source, connect(local) as store:
            for interface in logs:
                take_in(source, store, interface, policy=Policy(AREAS))
            uvloop.run(deliver(logs, local, settings))
            found = store.execute("SELECT interface, state, reasons, flags FROM hotline.delivery").fetchall()
        render(as_table(read_status("telephony", docking, local)))
        reasons = Counter((interface, tuple(broken)) for interface, _, broken, _ in found if broken)
        flags = Counter((interface, flag) for interface, state, _, odd in found if state == "delivered" for flag in odd)
        for (interface, broken), count in sorted(reasons.items()):
            print(f"quarantined  {interface:12} {count:5}  {', '.join(broken)}")
        for (interface, flag), count in sorted(flags.items()):
            print(f"sent flagged {interface:12} {count:5}  {flag}")
        for name, calls in platform.counts().items():
            print(f"platform: {name} accepted {calls['accepted']}, refused {calls['refused']}")


if __name__ == "__main__":
    main()
