"""`make demo`: both directions on a fresh machine, with a proof that nothing was lost.

Sample rows of the docking store go to the platform; a world of orders, handling steps and feedback comes back from it.

An embedded PostgreSQL, the sandbox platform and a private Airflow, all below `.demo/`, all stopped in the end.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console

from hotline_bridge.cli.status import as_table, read_status, render
from hotline_bridge.demo import collected
from hotline_bridge.demo.airflow import PROJECT, AirflowHome, platform_connection, postgres_connection
from hotline_bridge.demo.postgres import running_postgres
from hotline_bridge.docking.create import create_docking
from hotline_bridge.sample.areas import AREAS
from hotline_bridge.sample.load import load_sample
from hotline_bridge.sample.traffic import SHANGHAI
from hotline_bridge.sandbox.control import running_sandbox
from hotline_bridge.sandbox.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotline_bridge.demo.postgres import Server
    from hotline_bridge.outbound.status import LogStatus
    from hotline_bridge.sample.load import SampleCounts
    from hotline_bridge.sandbox.control import SandboxControl

FOLDER = PROJECT / ".demo"
BRIDGE = "hotline_bridge"
"""The account of the bridge: owner of its two databases, and no superuser."""

_console = Console(soft_wrap=True)
_console.width = max(_console.width, 120)


def main() -> None:
    """Run the demo; end with 1 unless every row is accounted for and the platform's own history agrees."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="docking rows over the four logs")
    parser.add_argument("--dirty", type=float, default=0.03, help="share of rows that break a printed rule")
    parser.add_argument("--cases", type=int, default=30_000, help="orders on the platform, to be collected")
    parser.add_argument("--days", type=int, default=120, help="over which they were registered")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with running_postgres(FOLDER / "postgres") as server, running_sandbox() as platform:
        _console.print(f"PostgreSQL on {server.host}:{server.port}, the platform's sandbox on {platform.base_url}")
        with _step(f"world 平台上 {options.cases} 个工单 (invented, over {options.days} days, with bursts)"):
            world = FOLDER / "world.jsonl"
            world.unlink(missing_ok=True)
            collect_from = collected.make_world(
                platform, world, cases=options.cases, days=options.days, dirty=options.dirty, seed=options.seed
            )
        home = _prepare(server, platform, collect_from)
        problems = [
            *_outbound(home, server, platform, options.rows, options.dirty, options.seed),
            *_inbound(home, server, platform),
        ]
    for problem in problems:
        _console.print(f"[red]{problem}[/]")
    seconds = time.monotonic() - started
    if problems:
        sys.exit(1)
    _console.print(f"[green]every row is accounted for, and the platform agrees 全部相符[/] ({seconds:.0f} s)")


def _outbound(
    home: AirflowHome, server: Server, platform: SandboxControl, rows: int, dirty: float, seed: int
) -> list[str]:
    docking = server.conninfo("docking")
    with _step(f"sample 写入 {rows} 行样例数据 (invented, {dirty:.0%} dirty)"):
        written = load_sample(docking, rows=rows, dirty=dirty, seed=seed)
    with _step("airflow dags test telephony_report 由 Airflow 上报"):
        home.run("dags", "test", "telephony_report", log=FOLDER / "telephony_report.log")
    logs = read_status("telephony", docking, server.conninfo("local"))
    render(as_table(logs))
    _explain(logs)
    return [*_not_adding_up(logs), *_not_as_sampled(logs, written), *_not_as_the_platform_says(logs, platform)]


def _inbound(home: AirflowHome, server: Server, platform: SandboxControl) -> list[str]:
    # What is counted afterwards is what there was to collect.
    platform.world.set_clock(datetime.now(SHANGHAI))
    with _step(f"airflow: {', '.join(collected.DAGS)} 由 Airflow 收集"):
        home.test_dags(*collected.DAGS, log=FOLDER / "collect.log")
    with connect(server.conninfo("local")) as local:
        lines = collected.read_collected(local, platform)
    _console.print(collected.as_table(lines))
    _console.print(
        "An acknowledgement names an order, not a feedback, and hides what arrived in between: "
        f"{sum(line.repaired for line in lines)} rows of feedback were filled in by feedback_repair.\n"
        "补回：被回执掩盖、由 feedback_repair 找回的反馈；细分：应答满 500 行，窗口分段重取。"
    )
    return [*collected.not_whole(lines), *collected.still_waiting(platform)]


def _prepare(server: Server, platform: SandboxControl, collect_from: datetime) -> AirflowHome:
    password = secrets.token_urlsafe()
    with _step("schemas 建表 (docking, hotline)"):
        server.create_role(BRIDGE, password)
        for name in ("docking", "local"):
            server.drop_database(name)
            server.create_database(name, owner=BRIDGE)
        create_docking(server.conninfo("docking", BRIDGE, password))
        migrate_local(server.conninfo("local", BRIDGE, password))
    home = AirflowHome(
        FOLDER / "airflow",
        {
            "docking_db": postgres_connection(server, "docking", BRIDGE, password),
            "local_db": postgres_connection(server, "local", BRIDGE, password),
            "platform_12315": platform_connection(
                platform.base_url,
                DEFAULT_APP_ID,
                DEFAULT_TOKEN,
                areas=sorted(AREAS),
                collect_from=collect_from.isoformat(),
            ),
        },
    )
    with _step("airflow db migrate 初始化 Airflow"):
        home.run("db", "migrate", log=FOLDER / "airflow_db_migrate.log")
    return home


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Say what is being done while it is, and how long it took."""
    started = time.monotonic()
    with _console.status(name):
        yield
    _console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")


def _explain(logs: list[LogStatus]) -> None:
    quarantined = sum(log.versions["quarantined"] for log in logs)
    _console.print(
        f"{quarantined} rows break a printed rule and are quarantined, with reasons; seat logins without sign-out are "
        "held; the rest is delivered. Corrected rows are superseded by their correction.\n"
        "已隔离：违反规定；暂存：坐席未签出；已被取代：有更正。"
    )


def _not_adding_up(logs: list[LogStatus]) -> Iterator[str]:
    for log in logs:
        if not log.adds_up or log.uncollected or log.versions["waiting"] or log.versions["rejected"]:
            yield f"{log.interface.name}: not every row is delivered, held, quarantined, superseded or a copy"


def _not_as_sampled(logs: list[LogStatus], written: SampleCounts) -> Iterator[str]:
    """The sample knows what must become of its rows."""
    for log in logs:
        sampled = written.tables[str(log.interface.table)]
        expected: Mapping[str, int] = {
            "delivered": sampled.delivered,
            "held": sampled.held,
            "quarantined": sampled.quarantined,
            "superseded": sampled.superseded,
        }
        for state, count in expected.items():
            if log.versions[state] != count:
                yield f"{log.interface.name}: {log.versions[state]} {state}, but the sample holds {count}"


def _not_as_the_platform_says(logs: list[LogStatus], platform: SandboxControl) -> Iterator[str]:
    """The platform's own history: each delivered version accepted once."""
    counts = platform.counts()
    for log in logs:
        accepted = counts[log.interface.name]["accepted"]
        _console.print(f"platform 平台: {log.interface.name} accepted {accepted}")
        if accepted != log.versions["delivered"]:
            yield f"{log.interface.name}: {log.versions['delivered']} delivered, but the platform accepted {accepted}"


if __name__ == "__main__":
    main()
