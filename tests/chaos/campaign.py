"""One world after another, each carried twice: once in peace, and once while everything fails; both must end alike."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import HotlineError
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.store.database import connect
from hotline_sandbox.checker import check
from hotline_sandbox.contents import contents
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.world_file import write_world
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests import warm
from tests.chaos import flows
from tests.chaos.plans import plan
from tests.fixtures import Stores
from tests.quality.typed_rows import connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotline_sandbox.contents import Contents
    from hotline_sandbox.server.control import SandboxControl
    from tests.chaos.plans import Act, Round
    from tests.clean_stores import CleanStore

SEEDS_A_WORLD = 10
"""So many seeds share a world, so that its run in peace is needed once."""
PASSES = 8
"""A run that is not at rest after so many passes of all flows does not come to rest."""
ACT_WITHIN_S = 300.0
ROWS, ORDERS, CASES, DAYS, DIRTY = 60, 15, 40, 3, 0.05
_DUE = (
    "UPDATE hotline.delivery SET next_attempt_at = now() - interval '1 second',"
    " claimed_until = claimed_until - interval '1 day' WHERE state IN ('waiting', 'rejected')",
    "UPDATE hotline.collection_window SET due_at = now() - interval '1 day', retry_at = NULL",
)
_UNREST = """
SELECT 'delivery', count(*) FROM hotline.delivery
WHERE state = 'waiting' OR (state = 'rejected' AND code = '9999')
UNION ALL SELECT 'windows', count(*) FROM hotline.collection_window WHERE state IN ('open', 'failed')
UNION ALL SELECT 'changes', count(*) FROM hotline.order_change
UNION ALL SELECT 'refused by tables', count(*) FROM hotline.publish_again
UNION ALL SELECT 'offers', count(*) FROM hotline.feedback_offer WHERE acknowledged_at IS NULL
"""
_SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE datname = ANY(%s) AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid
"""

_AT_WORK = """
SELECT FROM pg_stat_activity
WHERE
    datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND state NOT IN ('idle', 'disabled')
"""


@dataclass(slots=True)
class Outcome:
    """What came of one seed."""

    seed: int
    injected: Counter[str] = field(default_factory=Counter)
    """Faults that really happened: kills, sessions ended, and spoiled answers by their kind."""
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class Campaign:
    """The stores and the platform that all worlds share, one after the other."""

    docking: CleanStore
    local: CleanStore
    platform: SandboxControl
    folder: Path
    _world: int = -1
    _moment: datetime = field(default_factory=lambda: datetime.now(SHANGHAI))
    _clean: Contents = field(default_factory=dict)
    _stores: Stores = field(default_factory=lambda: Stores("", ""))

    def run(self, seed: int) -> Outcome:
        """Carry the world of a seed while what the seed says befalls it."""
        began, done = time.monotonic(), Outcome(seed)
        if self._world != seed // SEEDS_A_WORLD:
            self._begin_world(seed // SEEDS_A_WORLD)
        with self._fresh() as environment:
            said = ""
            for number, fate in enumerate(plan(seed)):
                self._write(number)
                said += self._befall(fate, random.Random(f"strikes {seed} {number}"), environment, done)  # noqa: S311
            self.platform.clear_faults()
            done.problems += self._come_to_rest()
            done.injected.update(str(call["fault"]) for call in self.platform.history() if call["fault"])
            del done.injected["latency"]
            with connect(self._stores.docking) as docking, connect(self._stores.local) as local:
                breaches = check(self.platform.history(), docking, local, clean=self._clean, said=said)
            done.problems += [f"{one.invariant} {one.interface} {one.key}: {one.what}" for one in breaches[:20]]
            done.problems += [f"a traceback: {last}" for last in re.findall(r"^Traceback[^$]*?\n(\S.*)$", said, re.M)]
        done.seconds = time.monotonic() - began
        return done

    def _begin_world(self, world: int) -> None:
        self._world = world
        self._moment = datetime.now(SHANGHAI).replace(microsecond=0)
        file = self.folder / f"world-{world}.jsonl"
        write_world(file, cases=CASES, days=DAYS, dirty=DIRTY, seed=world + 1, end=self._moment)
        with self._fresh():
            for number in range(2):
                self._write(number)
            if problems := self._come_to_rest():
                raise AssertionError(f"world {world} does not come to rest in peace: {problems}")
            with connect(self._stores.docking) as docking, connect(self._stores.local) as local:
                if breaches := check(self.platform.history(), docking, local):
                    raise AssertionError(f"world {world} breaks an invariant in peace: {breaches}")
                self._clean = contents(docking, local)

    @contextmanager
    def _fresh(self) -> Iterator[dict[str, str]]:
        """Empty stores, and a platform with nothing but its world; gives the environment of the bridge."""
        self._stores = Stores(self.docking.ready(), self.local.ready())
        self.platform.reset()
        self.platform.world.load(self.folder / f"world-{self._world}.jsonl")
        self.platform.world.set_clock(self._moment)
        with connect(self._stores.local) as local:
            client = add_client(local, "12345", ["000000"])
        extras = {
            **{"areas": sorted(AREAS), "collect_from": (self._moment - timedelta(days=DAYS + 1)).isoformat()},
            **{"max_concurrency": 8, "reconcile_days": DAYS},
        }

        def platform(**more: object) -> dict[str, str]:
            at = platform_connection(self.platform.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, **extras, **more)
            return {"AIRFLOW_CONN_PLATFORM_12315": at}

        settings = {
            "AIRFLOW_CONN_DOCKING_DB": connection(self._stores.docking),
            "AIRFLOW_CONN_LOCAL_DB": connection(self._stores.local),
            **platform(),
            flows.CLIENT: json.dumps(asdict(client)),
            flows.DAYS: f"{self._moment - timedelta(days=DAYS):%Y-%m-%d} {self._moment - timedelta(days=1):%Y-%m-%d}",
        }
        before = dict(os.environ)
        os.environ.update(settings)
        try:
            yield {**before, **settings, **platform(timeout_s=1)}
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _write(self, wave: int) -> None:
        """12345 writes: logs, orders and their notes; the second time, corrections and limits of the first as well."""
        seed = self._world * 1_000 + 1 + wave * 100
        load_sample(self._stores.docking, rows=ROWS, dirty=DIRTY, seed=seed, end=self._moment)
        load_orders(self._stores.docking, orders=ORDERS, dirty=DIRTY, seed=seed, end=self._moment)
        if wave:
            with psycopg.connect(self._stores.docking) as docking:
                docking.execute(
                    "UPDATE docking.complaint_order SET invopart = '更正后' WHERE regino IN ("
                    "SELECT regino FROM docking.complaint_order GROUP BY regino HAVING count(*) = 1 ORDER BY 1 LIMIT 2)"
                )
                docking.execute(
                    "INSERT INTO docking.order_deadline (regino, deadline)"
                    " SELECT DISTINCT regino, '2026-12-24 18:00:00' FROM docking.report_order"
                )

    def _befall(self, fate: Round, rng: random.Random, environment: dict[str, str], done: Outcome) -> str:
        """One round. Gives all that its processes said."""
        self.platform.set_faults(fate.faults)
        ended = threading.Event()
        strikes = threading.Thread(target=self._strike, args=(fate.strikes, rng, ended, done))
        strikes.start()
        outputs = [self.folder / f"act-{number}.log" for number in range(len(fate.acts))]
        acts = [
            threading.Thread(target=self._act, args=(act, output, environment, done))
            for act, output in zip(fate.acts, outputs, strict=True)
        ]
        for act in acts:
            act.start()
        for act in acts:
            act.join()
        ended.set()
        strikes.join()
        return "".join(output.read_text(encoding="utf-8", errors="replace") for output in outputs)

    def _act(self, act: Act, output: Path, environment: dict[str, str], done: Outcome) -> None:
        """One process to its end, or to where it is killed."""
        output.write_text("", encoding="utf-8")
        process = warm.start(flows.__file__, act.flow, act.step, str(act.after), environment=environment, output=output)
        if act.ends_after_s is not None:
            process.join(act.ends_after_s)
            if process.exitcode is None and process.pid:
                os.kill(process.pid, signal.Signals[act.signal])
                if act.signal == "SIGTERM":
                    done.injected["SIGTERM"] += 1
        try:
            code = warm.ended(process, ACT_WITHIN_S)
        except TimeoutError:
            done.problems.append(f"I8 {act}: did not end within {ACT_WITHIN_S:.0f} s")
            return
        if code == -signal.SIGKILL:
            done.injected["SIGKILL"] += 1
        elif code not in {0, flows.TOLD, -signal.SIGTERM, 128 + signal.SIGTERM}:
            tail = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            done.problems.append(f"{act} ended with {code}: {tail}")

    def _strike(self, moments: tuple[float, ...], rng: random.Random, ended: threading.Event, done: Outcome) -> None:
        """End a session of the stores at each of these moments, as a server that goes away does."""
        began = time.monotonic()
        with psycopg.connect(self.docking.server.conninfo("postgres"), autocommit=True) as session:
            names = [psycopg.conninfo.conninfo_to_dict(dsn)["dbname"] for dsn in asdict(self._stores).values()]
            for moment in sorted(moments):
                if ended.wait(max(0.0, began + moment - time.monotonic())):
                    return
                if found := session.execute(_SESSIONS, [names]).fetchall():
                    session.execute("SELECT pg_terminate_backend(%s)", rng.choice(found))
                    done.injected["session ended"] += 1

    def _wait_for_the_dead(self) -> None:
        """A server carries on what a killed process asked of it: until that is over no claim may be called late."""
        until = time.monotonic() + ACT_WITHIN_S
        with psycopg.connect(self._stores.local, autocommit=True) as local:
            while local.execute(_AT_WORK.encode()).fetchone() and time.monotonic() < until:
                time.sleep(0.05)

    def _come_to_rest(self) -> list[str]:
        """Run everything until nothing is due any more. Gives what still is, or failed although nothing was spoiled."""
        unrest: dict[str, int] = {}
        self._wait_for_the_dead()
        for _ in range(PASSES):
            problems = []
            with psycopg.connect(self._stores.local, autocommit=True) as local:
                for statement in _DUE:
                    local.execute(statement.encode())
            for name, flow in flows.FLOWS.items():
                try:
                    flow()
                except HotlineError as error:
                    problems.append(f"{name}: {error}")
            with psycopg.connect(self._stores.local) as local:
                unrest = {what: count for what, count in local.execute(_UNREST.encode()) if count}
            drains = {one.name for one in interfaces_of("feedback") if one.kind == "drain"}
            unrest |= {name: count for name, count in self.platform.world.counts().items() if name in drains and count}
            if not (unrest or problems):
                return []
        return [f"not at rest after {PASSES} passes: {unrest}", *problems]
