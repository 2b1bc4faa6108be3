"""What the tests stand on: a real PostgreSQL with empty stores for each test, and a real platform."""

from __future__ import annotations

import gc
import importlib
import os
import re
import signal
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.docking.create import create_docking
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.airflow import PROJECT
from hotline_sandbox.demo.postgres import Server, throwaway_postgres
from hotline_sandbox.server.control import SandboxControl, running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.clean_stores import CleanStore

if TYPE_CHECKING:
    from collections.abc import Iterator

# No test reads or writes the Airflow of whoever runs the tests; Airflow looks at this when it is first imported.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="hotline-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
# A run ends with its work, but where a test is about watching.
os.environ["HOTLINE_LOOK_S"] = "0"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(PROJECT / "dags")
os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(PROJECT / "plugins")
# Airflow logs for ever into the stdout of its first import, which must not be that of a command under test.
importlib.import_module("airflow.sdk")


# Each takes minutes: they begin first, so that the other workers have the rest meanwhile and none waits at the end.
_FIRST = ("tests/ui/test_browser.py", "tests/containers/test_live_services.py", "tests/ui/test_up_and_down.py", "warm")


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a PostgreSQL server is slow, but for the few tests that carry the mark `edge`."""
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()) and item.get_closest_marker("edge") is None:
            item.add_marker(pytest.mark.slow)
    order = {group: place for place, group in enumerate(_FIRST)}
    items.sort(key=lambda item: order.get(_group(item.nodeid.partition("::")[0]), len(order)))


def pytest_collection_finish() -> None:
    """What is collected stays to the end: nobody looks through it for garbage."""
    gc.freeze()


@pytest.fixture(autouse=True)
def signals_as_found() -> Iterator[None]:
    """A test that leaves a signal ignored, or handled, fails itself, not one that comes hours later."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    left = {number.name for number, handler in before.items() if signal.getsignal(number) != handler}
    for number, handler in before.items():
        signal.signal(number, handler)
    assert not left, "handlers that the test did not put back"


@cache
def _group(file: str) -> str:
    """What one worker runs: a file; or all that fork from `tests.warm`, which takes ten seconds to load."""
    text = (PROJECT / file).read_text(encoding="utf-8")
    return "warm" if re.search(r"^from tests(?: import warm|\.warm_|\.chaos)", text, re.MULTILINE) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How xdist shares out the tests: by `_group`, in their order."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid.partition("::")[0])

    config.option.loadscopereorder = False
    return Groups(config, log)


@dataclass(frozen=True, slots=True)
class Stores:
    """Connection strings of two databases of one server: 12345's and ours."""

    docking: str
    local: str


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this run alone; nothing of it stays. Statistics change where a test says so, not by chance."""
    with throwaway_postgres({"autovacuum": "off"}) as server:
        _open_quickly(server)
        yield server


def _open_quickly(server: Server) -> None:
    """A password is hashed 4,096 times to open a session, which takes as long as all the rest of it."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as session:
        if session.info.server_version >= 160000:
            session.execute("SET scram_iterations = 1")
            session.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(server.password))


@pytest.fixture(scope="session")
def templates(postgres: Server) -> Stores:
    """Both schemas, made once by `hotline migrate`'s own functions; each test gets copies."""
    for name in ("docking_template", "local_template"):
        postgres.create_database(name)
    create_docking(postgres.conninfo("docking_template"), for_trial=True)
    migrate_local(postgres.conninfo("local_template"))
    return Stores("docking_template", "local_template")


@pytest.fixture(scope="session")
def clean_docking(postgres: Server, templates: Stores) -> CleanStore:
    """The docking store of one test after another."""
    return CleanStore(postgres, templates.docking)


@pytest.fixture(scope="session")
def clean_local(postgres: Server, templates: Stores) -> CleanStore:
    """The local store of one test after another."""
    return CleanStore(postgres, templates.local)


@pytest.fixture
def local_store(clean_local: CleanStore) -> str:
    """An empty local store alone, for tests that need no docking store."""
    return clean_local.ready()


@pytest.fixture
def stores(clean_docking: CleanStore, local_store: str) -> Stores:
    """An empty docking store and an empty local store, in two databases as in production."""
    return Stores(clean_docking.ready(), local_store)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxControl]:
    with running_sandbox() as control:
        yield control


@pytest.fixture
def sandbox(sandbox_process: SandboxControl) -> SandboxControl:
    """The platform, with an empty history, no faults and the right clock."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def platform(sandbox: SandboxControl) -> PlatformSettings:
    """How the bridge reaches the sandbox."""
    return platform_at(sandbox)


def platform_at(sandbox: SandboxControl) -> PlatformSettings:
    return PlatformSettings(base_url=sandbox.base_url, app_id=DEFAULT_APP_ID, token=DEFAULT_TOKEN)
