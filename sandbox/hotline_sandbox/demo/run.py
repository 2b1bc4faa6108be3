"""`make demo`: both directions on a fresh machine, with a proof that nothing was lost.

Orders are put by the form inside 12345; sample logs and orders of the docking store go to the platform; a world of
orders, handling steps and feedback comes back from it; the bureau deals with the reported orders, and 12345 finds the
results in the docking store. Then rows are lost on purpose, and the count reconciliation finds them. In the end
analysts look at all of it.

An embedded PostgreSQL, the sandbox platform and a private Airflow, all below `.demo/`, all stopped in the end.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from typing import TYPE_CHECKING

from hotline_sandbox.demo import analysed, collected, embedded, orders, reconciled, reported
from hotline_sandbox.demo.airflow import PROJECT, AirflowHome, bridge_connections
from hotline_sandbox.demo.postgres import running_postgres
from hotline_sandbox.demo.stage import Scale, Stage, console, make_stores, step
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

FOLDER = PROJECT / ".demo"
BRIDGE = "hotline_bridge"
"""The account of the bridge: owner of its two databases, and no superuser."""

PARTS: tuple[Callable[[Stage], list[str]], ...] = (
    embedded.submit,
    reported.report,
    orders.deal,
    collected.collect,
    orders.results,
    embedded.answered,
    reconciled.reconcile,
    analysed.analyse,
)
"""In this order; each gives a sentence for whatever is not as it must be."""


def main() -> None:
    """Run the demo; end with 1 unless every row is accounted for and the platform's own history agrees."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="docking rows over the four logs")
    parser.add_argument("--orders", type=int, default=600, help="docking rows over the three kinds of order")
    parser.add_argument("--dirty", type=float, default=0.03, help="share of rows that break a printed rule")
    parser.add_argument("--cases", type=int, default=30_000, help="orders on the platform, to be collected")
    parser.add_argument("--days", type=int, default=120, help="over which they were registered")
    parser.add_argument("--seed", type=int, default=1)
    scale = Scale(**vars(parser.parse_args()))
    started = time.monotonic()
    with running_postgres(FOLDER / "postgres") as server, running_sandbox() as platform:
        console.print(f"PostgreSQL on {server.host}:{server.port}, the platform's sandbox on {platform.base_url}")
        with step(f"world 平台上 {scale.cases} 个工单 (invented, over {scale.days} days, with bursts)"):
            world = FOLDER / "world.jsonl"
            world.unlink(missing_ok=True)
            collect_from = collected.make_world(
                platform, world, cases=scale.cases, days=scale.days, dirty=scale.dirty, seed=scale.seed
            )
        stage = Stage(server, platform, _prepare(server, platform, collect_from), FOLDER, scale)
        problems = [problem for part in PARTS for problem in part(stage)]
    for problem in problems:
        console.print(f"[red]{problem}[/]")
    seconds = time.monotonic() - started
    if problems:
        sys.exit(1)
    console.print(f"[green]every row is accounted for, and the platform agrees 全部相符[/] ({seconds:.0f} s)")


def _prepare(server: Server, platform: SandboxControl, collect_from: datetime) -> AirflowHome:
    password = secrets.token_urlsafe()
    with step("schemas 建表 (docking, hotline)"):
        for name in ("docking", "local"):
            server.drop_database(name)
        make_stores(server, BRIDGE, password, for_trial=True)
    # What is lost on purpose is lost at once: the platform of the demo needs no time.
    connections = bridge_connections(server, BRIDGE, password, platform.base_url, collect_from, resend_after_h=0.001)
    home = AirflowHome(FOLDER / "airflow", connections)
    with step("airflow db migrate 初始化 Airflow"):
        home.run("db", "migrate", log=FOLDER / "airflow_db_migrate.log")
    return home


if __name__ == "__main__":
    main()
