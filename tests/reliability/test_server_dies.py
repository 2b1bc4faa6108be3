"""A PostgreSQL server that dies, loses the answer to a commit or has no connection free (reliability F30, F33)."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge import failpoints
from hotline_bridge.docking.create import create_docking
from hotline_bridge.errors import TryAgainLater
from hotline_bridge.failpoints import OUTBOUND_FAILPOINTS
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.proxy import Fault, FaultProxy
from tests.fixtures import Stores
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, Inbound, order, shown
from tests.outbound.bridge import Bridge, call
from tests.reliability.dying_server import DyingServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl

ROWS = 300


@pytest.fixture(scope="module")
def dying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DyingServer]:
    """A server of its own with both stores."""
    dying = DyingServer(tmp_path_factory.mktemp("dying"), max_connections="20")
    try:
        for name in ("docking", "local"):
            dying.server.create_database(name)
        create_docking(dying.server.conninfo("docking"), for_trial=True)
        migrate_local(dying.server.conninfo("local"))
        yield dying
    finally:
        dying.close()


@pytest.fixture
def on_dying(dying: DyingServer, platform: PlatformSettings, sandbox: SandboxControl) -> Iterator[Bridge]:
    """The call log on that server, empty."""
    dying.deaths = 0
    bridge = Bridge(Stores(dying.server.conninfo("docking"), dying.server.conninfo("local")), platform, sandbox)
    yield bridge
    bridge.docking("TRUNCATE docking.call_log")
    bridge.local("TRUNCATE hotline.call_log, hotline.delivery, hotline.interaction_log CASCADE")


def once(step: str, do: Callable[[], None]) -> Callable[[str], None]:
    """Does something the first time a run comes to the step."""
    left = [do]

    def at(reached: str) -> None:
        if reached == step and left:
            left.pop()()

    return at


def assert_all_delivered(bridge: Bridge, *, excused: int = 0) -> None:
    """Each version has arrived, again only as often as is excused, and nothing is left over."""
    assert bridge.states() == {"delivered": ROWS}
    assert all(status.adds_up and status.uncollected == status.copies == 0 for status in bridge.status())
    accepted = Counter(record["body_sha256"] for record in bridge.accepted())
    assert len(accepted) == ROWS
    assert sum(accepted.values()) - ROWS <= excused


@pytest.mark.parametrize("step", ["within COPY", *OUTBOUND_FAILPOINTS])
def test_a_server_that_dies_at_a_step_of_intake_and_comes_back(
    on_dying: Bridge, dying: DyingServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    on_dying.write(*(call(number) for number in range(ROWS)))
    die = once(step, dying.die_and_start)
    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "at", die)
        if step == "within COPY":
            write = psycopg.Copy.write
            blocks = iter(range(2, 1_000))

            def written(copy: psycopg.Copy, block: bytes) -> None:
                write(copy, block)
                if not next(blocks) % 3:
                    die(step)

            patched.setattr(psycopg.Copy, "write", written)
        with suppress(TryAgainLater):  # not where what was left could be written when it was back
            on_dying.run()
    assert dying.deaths
    on_dying.time_passes()
    on_dying.run()
    assert_all_delivered(on_dying, excused=500)  # what was in flight


@pytest.mark.parametrize("step", ["versions-queued", "answer-received"])
def test_a_commit_whose_answer_is_lost(
    bridge: Bridge, postgres: object, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    bridge.write(*(call(number) for number in range(ROWS)))
    port = int(psycopg.conninfo.conninfo_to_dict(bridge.stores.local)["port"] or 0)
    with FaultProxy(port) as proxy, monkeypatch.context() as patched:
        through = replace(
            bridge, stores=Stores(bridge.stores.docking, make_conninfo(bridge.stores.local, port=proxy.port))
        )
        patched.setattr(failpoints, "at", once(step, lambda: proxy.set(Fault("reset", "answers"))))
        with pytest.raises(TryAgainLater):
            through.run()
    if step == "versions-queued":
        assert bridge.states() == {"waiting": ROWS}, "the commit had arrived"
        assert bridge.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(ROWS,)]
    bridge.time_passes()
    bridge.run()
    assert bridge.states() == {"delivered": ROWS}
    assert bridge.status()[0].copies == 0, "read twice is not written twice"
    accepted = Counter(record["body_sha256"] for record in bridge.accepted())
    assert len(accepted) == ROWS
    assert step == "answer-received" or sum(accepted.values()) == ROWS


@pytest.mark.parametrize("step", ["answer-stored", "answer-committed", "drain-committed"])
def test_a_server_that_dies_while_rows_are_collected(
    dying: DyingServer,
    platform: PlatformSettings,
    sandbox: SandboxControl,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    inbound = Inbound(Stores("", dying.server.conninfo("local")), platform, sandbox, (COMPLAINTS, FEEDBACK))
    dying.deaths = 0
    for number in range(20):
        sandbox.world.put(order(f"R{number}", number, shown(COMPLAINTS), shown(FEEDBACK)))
    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "at", once(step, dying.die_and_start))
        with suppress(TryAgainLater):  # not where the next statement finds it back
            inbound.drain() if step == "drain-committed" else inbound.collect()
    assert dying.deaths
    inbound.again()
    inbound.collect()
    inbound.drain()
    for interface in (COMPLAINTS, FEEDBACK):
        assert {key: len(contents) for key, contents in inbound.hashes(interface).items()} == {
            f"R{number}": 1 for number in range(20)
        }
    assert {state for *_, state in inbound.windows()} == {"settled"}
    inbound.empty("landing", "collection_window", str(COMPLAINTS.table), str(FEEDBACK.table))


def test_a_server_without_a_free_connection(on_dying: Bridge, dying: DyingServer) -> None:
    """Not for a superuser, for whom a few are kept."""
    dying.server.create_role("ordinary", "secret")
    with psycopg.connect(dying.server.conninfo("local"), autocommit=True) as owner:
        owner.execute("GRANT hotline_loader TO ordinary")
    on_dying.write(*(call(number) for number in range(ROWS)))
    ordinary = replace(
        on_dying,
        stores=Stores(on_dying.stores.docking, dying.server.conninfo("local", "ordinary", "secret")),
    )
    with ExitStack() as taken, pytest.raises(TryAgainLater, match="has no connection left"):
        with suppress(psycopg.OperationalError):
            for _ in range(40):
                taken.enter_context(psycopg.connect(ordinary.stores.local))
        ordinary.run()
    ordinary.run()
    assert_all_delivered(on_dying)


def test_what_a_synchronous_standby_lacks_is_not_taken_for_stored(bridge: Bridge, dying: DyingServer) -> None:
    """A commit that no standby has waits: nothing is marked, though a statement may take an instant only."""
    on_dying = replace(bridge, stores=Stores(bridge.stores.docking, dying.server.conninfo("local")))
    on_dying.write(*(call(number) for number in range(ROWS)))
    with psycopg.connect(dying.server.conninfo("local"), autocommit=True) as owner:
        owner.execute("SET synchronous_commit = 'local'")
        owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        owner.execute("ALTER DATABASE local SET statement_timeout = '1s'")
        owner.execute("SELECT pg_reload_conf()")
        with ThreadPoolExecutor(1) as apart:
            taking = apart.submit(on_dying.take_in)
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            while not taking.done() and owner.execute(waiting.encode()).fetchall() == [(0,)]:
                time.sleep(0.02)
            assert not taking.done()
            assert on_dying.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(ROWS,)]
            dying.die_and_start()
            with pytest.raises(TryAgainLater):
                taking.result(120)
    assert on_dying.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(ROWS,)]
    with psycopg.connect(dying.server.conninfo("local"), autocommit=True) as owner:
        owner.execute("SET synchronous_commit = 'local'")
        owner.execute("ALTER DATABASE local RESET statement_timeout")
        owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
        owner.execute("SELECT pg_reload_conf()")
        while owner.execute("SHOW synchronous_standby_names").fetchall() != [("",)]:
            time.sleep(0.02)
    on_dying.run()
    assert_all_delivered(on_dying)
    on_dying.local("TRUNCATE hotline.call_log, hotline.delivery, hotline.interaction_log CASCADE")
