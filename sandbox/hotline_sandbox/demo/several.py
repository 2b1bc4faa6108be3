"""`make several`: the demo's world carried by several processes, each of which is killed in the middle of its work.

First one process carries all of it, as `make demo` does. Then the same begins anew on two schedulers and two workers
of CeleryExecutor with Valkey: in the middle of each kind of work one of them is killed (SIGKILL, with all that it
started), and nobody helps. In the end the tables have to be equal, and the platform must have heard nothing twice but
what was in flight at a kill. Takes half an hour.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from rich.table import Table

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.database import connect
from hotline_sandbox.checker import check
from hotline_sandbox.contents import contents
from hotline_sandbox.demo import collected, distributed
from hotline_sandbox.demo.airflow import PROJECT, AirflowHome, bridge_connections
from hotline_sandbox.demo.first_runs import AirflowApi
from hotline_sandbox.demo.marked import end_processes, mark
from hotline_sandbox.demo.pinned import free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.postgres import running_postgres
from hotline_sandbox.demo.services import Services, service_settings
from hotline_sandbox.demo.stage import console, make_stores, step
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hotline_sandbox.checker import Breach
    from hotline_sandbox.contents import Contents
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

FOLDER = PROJECT / ".demo" / "several"
DAGS = ("telephony_report", "order_report", *collected.DAGS)
"""What carries the world, in an order in which one process can."""
GREEN_WITHIN_S = 300.0
"""So long after a kill the run may take to end green by itself."""
AT_WORK_S = 30.0
"""A run that is green sooner after its worker was killed had not been hit: no task is missed so soon."""
WHOLE_WITHIN_S = 600.0
"""So long the work that was under way: what a killed sender had claimed waits until its lease ends."""
BROKER, BOTH = "Valkey", "both workers"
AWAY_S = 5.0
"""What nothing else stands in for is started again so long after it was killed, as its supervisor does."""
_RUNNING = "SELECT dag_id, pid FROM task_instance WHERE state = 'running'"
_ROWS, _ORDERS, _CASES, _DAYS, _DIRTY = 3_000, 300, 3_000, 30, 0.03
_AIRFLOW, _BRIDGE = "airflow", "hotline_bridge"
_CONCURRENCY = 8


@dataclass(slots=True)
class Kill:
    """What was killed while a DAG ran, and what came of it."""

    what: str
    while_running: str
    green_s: float
    whole_s: float
    repeated: int
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    """Two stores, a platform, and the moment at which its orders stand still."""

    server: Server
    platform: SandboxControl
    file: Path
    collect_from: datetime
    moment: datetime
    password: str

    def begin_anew(self) -> None:
        """Both stores and the platform as they were before anything was carried."""
        for name in ("docking", "local"):
            self.server.drop_database(name)
            self.server.create_database(name, owner=_BRIDGE, template=f"{name}_begin")
        self.platform.reset()
        self.platform.world.load(self.file)
        self.platform.world.set_clock(self.moment)

    def connections(self) -> dict[str, str]:
        """The bridge's connections."""
        return bridge_connections(
            self.server,
            _BRIDGE,
            self.password,
            self.platform.base_url,
            self.collect_from,
            max_concurrency=_CONCURRENCY,
        )

    def ask(self, store: str, statement: str) -> list[tuple[object, ...]]:
        """A statement on a store."""
        with psycopg.connect(self.server.conninfo(store), autocommit=True) as session:
            return session.execute(statement.encode()).fetchall()

    def contents(self) -> Contents:
        """What the stores hold, without what says when or in which run it came."""
        with connect(self.server.conninfo("docking")) as docking, connect(self.server.conninfo("local")) as local:
            return contents(docking, local)

    def breaches(self, clean: Contents) -> list[Breach]:
        """What of I1 to I8 is broken, where one process left `clean`."""
        with connect(self.server.conninfo("docking")) as docking, connect(self.server.conninfo("local")) as local:
            return check(self.platform.history(), docking, local, clean=clean)

    def unsettled(self) -> int:
        """Versions that are due, in flight, or due again."""
        [(waiting,)] = self.ask("local", "SELECT count(*) FROM hotline.delivery WHERE state = 'waiting'")
        return int(str(waiting))

    def accepted(self) -> Counter[str]:
        """How often the platform accepted each report, by the hash of its body."""
        reports = {one.name for one in contract().values() if one.kind == "report"}
        calls = (call for call in self.platform.history() if call["accepted"] and call["interface"] in reports)
        return Counter(str(call["body_sha256"]) for call in calls)

    def repeated(self) -> set[str]:
        """Bodies that the platform accepted more than once, by their hash."""
        return {sha for sha, times in self.accepted().items() if times > 1}

    def recorded(self) -> set[str]:
        """Bodies of which a try is written down, by their hash."""
        rows = self.ask("local", "SELECT DISTINCT encode(body_sha256, 'hex') FROM hotline.interaction_log")
        return {str(sha) for (sha,) in rows}


def main() -> None:
    """Run the proof; ends with 1 where anything is lost, repeated without cause, or not green in time."""
    shutil.rmtree(FOLDER / "airflow", ignore_errors=True)
    (FOLDER / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(mark(FOLDER))
    with running_postgres(FOLDER / "postgres") as server, running_sandbox() as platform:
        try:
            problems = prove(server, platform)
        finally:
            end_processes(FOLDER)
    for problem in problems:
        console.print(f"[red]{problem}[/]")
    if problems:
        sys.exit(1)
    console.print("[green]nothing lost, nothing repeated without cause, equal tables 全部相符[/]")


def prove(server: Server, platform: SandboxControl) -> list[str]:
    """Both halves of the proof; a sentence for whatever is not as it must be."""
    with step("world 世界"):
        world = make_world(server, platform)
    with step(f"one process 单进程: {', '.join(DAGS)}"):
        world.begin_anew()
        home = AirflowHome(FOLDER / "airflow", world.connections())
        home.run("db", "migrate", log=FOLDER / "logs" / "db-migrate.log")
        home.test_dags(*DAGS, log=FOLDER / "logs" / "one.log")
    clean = world.contents()
    world.begin_anew()
    broker = distributed.Broker(FOLDER / "valkey")
    broker.start()
    home = several_home(world, broker)
    services = Services(home, FOLDER / "logs", distributed.SERVICES)
    try:
        with step("two schedulers, two workers 两个调度、两个执行"):
            services.start()
            services.wait_until_healthy()
        kills = Killing(world, broker, services, AirflowApi(home.settings["AIRFLOW__API__BASE_URL"], _password())).all()
    finally:
        services.stop()
        broker.kill()
    console.print(as_table(kills))
    return [
        *(problem for kill in kills for problem in kill.problems),
        *(f"{breach.invariant} {breach.interface} {breach.key}: {breach.what}" for breach in world.breaches(clean)),
    ]


def make_world(server: Server, platform: SandboxControl) -> World:
    """Stores with a sample, kept as they begin, and a platform's world that stands still at this moment."""
    password = secrets.token_urlsafe()
    for name in ("docking", "local", "docking_begin", "local_begin", "airflow"):
        server.drop_database(name)
    make_stores(server, _BRIDGE, password, for_trial=True)
    load_sample(server.conninfo("docking"), rows=_ROWS, dirty=_DIRTY, seed=1)
    load_orders(server.conninfo("docking"), orders=_ORDERS, dirty=_DIRTY, seed=1)
    for name in ("docking", "local"):
        server.create_database(f"{name}_begin", template=name)
    file = FOLDER / "world.jsonl"
    file.unlink(missing_ok=True)
    collect_from = collected.make_world(platform, file, cases=_CASES, days=_DAYS, dirty=_DIRTY, seed=1)
    return World(server, platform, file, collect_from, datetime.now(SHANGHAI), password)


def several_home(world: World, broker: distributed.Broker) -> AirflowHome:
    """An Airflow of several processes, its metadata in PostgreSQL; its DAGs run when they are told to."""
    password = secrets.token_urlsafe()
    world.server.create_role(_AIRFLOW, password)
    world.server.create_database("airflow", owner=_AIRFLOW)
    _password()
    database = f"postgresql+psycopg://{_AIRFLOW}:{password}@{world.server.host}:{world.server.port}/airflow"
    home = AirflowHome(
        FOLDER / "airflow-several",
        world.connections(),
        {
            **service_settings(free_port(0), database, pinned_keys(FOLDER / "keys.json"), FOLDER / "passwords.json"),
            **distributed.SETTINGS,
            **broker.settings,
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        },
    )
    home.run("db", "migrate", log=FOLDER / "logs" / "db-migrate.log")
    return home


def _password() -> str:
    return pinned_password(FOLDER / "passwords.json")


class Killing:
    """Kills one process after another in the middle of its work, and looks what comes of it."""

    def __init__(self, world: World, broker: distributed.Broker, services: Services, airflow: AirflowApi) -> None:
        self._world, self._broker, self._services, self._airflow = world, broker, services, airflow

    def all(self) -> list[Kill]:
        """Every kill, and at the end what is left to do."""
        self._slow(ms=60)
        kills = [
            self._killed("worker", "telephony_report", nullcontext(self._sends)),
            self._killed("scheduler-1", "order_report", nullcontext(self._sends)),
        ]
        self._slow(ms=2_000)  # so few questions would be over before anybody looks
        asks = nullcontext(self._asks)
        kills += [
            self._killed("worker", "case_collect", asks),
            self._killed(BROKER, "process_collect", asks),
            self._killed("worker", "docking_publish", self._locked("docking.order_return")),
            self._killed(BOTH, "feedback_collect", asks, beside="feedback_repair"),
            self._killed("worker", "count_reconciliation", asks),
        ]
        self._world.platform.clear_faults()
        for dag in ("feedback_repair", "docking_publish"):
            self._until_green(dag, self._started(dag), GREEN_WITHIN_S)
        return kills

    def _victims(self, what: str, dag: str) -> list[str]:
        """The processes to kill: of the workers the one that runs the DAG's task, or both."""
        if what == "worker":
            return [name for name in distributed.WORKERS if self._services.started(name, self._running().get(dag, 0))]
        return [*distributed.WORKERS] if what == BOTH else [what]

    def _come_back(self, victims: list[str]) -> None:
        for victim in victims:
            (self._broker.start if victim == BROKER else partial(self._services.start, victim))()

    def _running(self) -> dict[str, int]:
        """The DAGs of which a task runs, each with the task's process."""
        return {str(dag): int(str(pid)) for dag, pid in self._world.ask("airflow", _RUNNING)}

    def _slow(self, ms: int) -> None:
        self._world.platform.set_faults([{"kind": "latency", "interface": "*", "ms": ms}])

    def _killed(self, what: str, dag: str, work: AbstractContextManager[Callable[[], bool]], beside: str = "") -> Kill:
        """Kill something while a DAG runs, and wait until all is well again.

        Args:
            what: A process, BROKER, BOTH workers, or the `worker` that is at work.
            dag: What it does.
            work: Gives whether that is under way; what it holds is let go after the kill.
            beside: Another DAG at the same time.
        """
        repeated = self._world.repeated()
        with step(f"kill -9 {what}: {dag} {beside}"):
            with work as is_under_way:
                runs = {name: self._started(name) for name in (dag, beside) if name}
                self._wait_for(lambda: self._running().keys() >= runs.keys() and is_under_way(), f"{dag} is under way")
                victims = self._victims(what, dag)
                began = time.monotonic()
                for victim in victims:
                    (self._broker.kill if victim == BROKER else partial(self._services.kill, victim))()
            recorded = self._world.recorded()
            if what in {BROKER, BOTH}:
                time.sleep(AWAY_S)
                self._come_back(victims)
            kill = Kill(what, f"{dag} {beside}".strip(), 0.0, 0.0, 0)
            for name, run in runs.items():
                state = self._until_green(name, run, GREEN_WITHIN_S)
                if "worker" in what and name == dag and time.monotonic() - began < AT_WORK_S:
                    kill.problems.append(f"{what} killed: {name} was over already")
                if state != "success":
                    kill.problems.append(f"{what} killed: {name} is {state} after {GREEN_WITHIN_S:.0f} s")
            kill.green_s = time.monotonic() - began
            if "report" in dag:
                self._airflow.pause(dag, is_paused=False)
                self._wait_for(lambda: not self._world.unsettled(), f"{dag} is done", WHOLE_WITHIN_S)
                self._airflow.pause(dag, is_paused=True)
            kill.whole_s = time.monotonic() - began
            again = self._world.repeated() - repeated
            kill.repeated = len(again)
            if in_vain := again & recorded:
                kill.problems.append(f"{what} killed: {len(in_vain)} bodies sent again whose answer was written down")
            if what not in {BROKER, BOTH}:
                self._come_back(victims)
            self._services.wait_until_healthy()
            self._wait_for(
                lambda: all(self._services.said(one, " ready.") for one in distributed.WORKERS), "both workers"
            )
        console.print(f"{kill.green_s:.0f} s, {kill.whole_s:.0f} s, {kill.repeated} repeated")
        return kill

    def _calls(self) -> int:
        return int(str(self._world.platform.health()["calls"]))

    def _sends(self) -> bool:
        [(tried,)] = self._world.ask("local", "SELECT count(*) FROM hotline.delivery WHERE claimed_until IS NOT NULL")
        return bool(tried) and self._has_moved()

    def _asks(self) -> bool:
        return self._has_moved()

    def _has_moved(self) -> bool:
        """Whether the platform was asked ten times within some seconds, so that the work is in its middle."""
        before = self._calls()
        time.sleep(1.0)
        return self._calls() - before >= 2

    @contextmanager
    def _locked(self, table: str) -> Iterator[Callable[[], bool]]:
        """Hold a table, so that publishing stands before it; gives whether it does."""
        with psycopg.connect(self._world.server.conninfo("docking")) as holder:
            holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            yield lambda: self._world.ask("docking", "SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]

    def _started(self, dag: str) -> str:
        run: str | None = None

        def start() -> bool:
            nonlocal run
            with suppress(OSError):
                self._airflow.pause(dag, is_paused=False)
                run = run or self._airflow.start(dag)
            return run is not None

        self._wait_for(start, f"{dag} has started")
        return str(run)

    def _until_green(self, dag: str, run: str, within_s: float) -> str:
        """How a run ended, or stands when the time is over; its DAG is paused again."""
        state, until = "", time.monotonic() + within_s
        while state not in {"success", "failed"} and time.monotonic() < until:
            self._supervise()
            with suppress(OSError):
                state = self._airflow.state(dag, run)
            time.sleep(1.0)
        self._airflow.pause(dag, is_paused=True)
        return state

    def _supervise(self) -> None:
        """What ends by itself is started again: a scheduler ends where it does not reach the broker."""
        for name in self._services.start_ended():
            console.print(f"{name} ended by itself and was started again")

    def _wait_for(self, condition: Callable[[], bool], what: str, within_s: float = 180.0) -> None:
        until = time.monotonic() + within_s
        while not condition():
            self._supervise()
            if time.monotonic() > until:
                raise RuntimeError(f"not within {within_s:.0f} s: {what}; see {FOLDER / 'logs'}")
            time.sleep(0.2)


def as_table(kills: list[Kill]) -> Table:
    """The kills as people read them."""
    table = Table(title="Killed 强制终止", title_justify="left")
    for column in ("killed 被终止", "while 正在运行", "green after s", "all done after s", "sent again 重发"):
        table.add_column(column)
    for kill in kills:
        figures = (f"{kill.green_s:.0f}", f"{kill.whole_s:.0f}", str(kill.repeated))
        table.add_row(kill.what, kill.while_running, *figures, style="red" if kill.problems else None)
    return table


if __name__ == "__main__":
    main()
