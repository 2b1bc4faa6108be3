"""What a database cannot do just now: each cause, in each direction, is told, and the next run does what is left.

Reliability F31 to F36. The server itself raises each SQLSTATE, in the midst of a statement of the bridge.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.errors import TryAgainLater
from hotline_bridge.store.database import connect
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, Inbound, order, shown
from tests.outbound.bridge import Bridge, call
from tests.publish.publish_bridge import PublishBridge, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CAUSES = {
    "40P01": "deadlock",
    "40001": "serialization failure",
    "55P03": "lock timeout",
    "57014": "statement timeout",
    "53300": "too many connections",
    "53100": "disk full",
    "53200": "out of memory",
    "25006": "read only",
    "57P03": "starting up",
    "58030": "I/O error",
}


@contextmanager
def refused(conninfo: str, table: str, event: str) -> Iterator[Callable[[str | None], None]]:
    """From when a SQLSTATE is given, statements that change the table fail with it; None lets them pass again."""
    schema = table.partition(".")[0]
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute(
            f"CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = TG_ARGV[0]; END $$".encode()
        )

        def refuse(sqlstate: str | None) -> None:
            owner.execute(f"DROP TRIGGER IF EXISTS refuse ON {table}".encode())
            if sqlstate:
                on = f"{event} ON {table} EXECUTE FUNCTION {schema}.refuse('{sqlstate}')"
                owner.execute(f"CREATE TRIGGER refuse BEFORE {on}".encode())

        yield refuse


def intake(bridge: Bridge) -> None:
    with refused(bridge.stores.local, "hotline.delivery", "INSERT") as refuse:
        for number, sqlstate in enumerate(CAUSES):
            bridge.write(call(number))
            refuse(sqlstate)
            with pytest.raises(TryAgainLater, match=sqlstate):
                bridge.take_in()
            assert bridge.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(1,)]
            refuse(None)
            bridge.run()
    assert bridge.states() == {"delivered": len(CAUSES)}
    assert len(bridge.accepted()) == len(CAUSES)


def marking(bridge: Bridge) -> None:
    with refused(bridge.stores.docking, "docking.call_log", "UPDATE") as refuse:
        for number, sqlstate in enumerate(CAUSES):
            bridge.write(call(number))
            refuse(sqlstate)
            with pytest.raises(TryAgainLater, match=sqlstate):
                bridge.take_in()
            refuse(None)
            bridge.run()
    assert bridge.states() == {"delivered": len(CAUSES)}
    assert len(bridge.accepted()) == len(CAUSES)
    assert bridge.status()[0].uncollected == bridge.status()[0].copies == 0


def claiming(bridge: Bridge) -> None:
    with refused(bridge.stores.local, "hotline.delivery", "UPDATE") as refuse:
        for number, sqlstate in enumerate(CAUSES):
            bridge.write(call(number))
            bridge.take_in()
            refuse(sqlstate)
            with pytest.raises(TryAgainLater, match=sqlstate):
                bridge.deliver()
            refuse(None)
            bridge.time_passes()
            bridge.deliver()
    assert bridge.states() == {"delivered": len(CAUSES)}
    assert len(bridge.accepted()) == len(CAUSES)


@pytest.mark.parametrize("step", [intake, marking, claiming], ids=lambda step: step.__name__)
def test_what_a_database_cannot_do_now_the_next_run_does(bridge: Bridge, step: Callable[[Bridge], None]) -> None:
    step(bridge)


@pytest.mark.parametrize("interface", [COMPLAINTS, FEEDBACK], ids=lambda interface: interface.kind)
def test_what_cannot_be_stored_now_is_collected_by_the_next_run(inbound: Inbound, interface: object) -> None:
    flow = inbound.of(interface)  # type: ignore[arg-type]  # an interface
    drains = interface is FEEDBACK
    with refused(inbound.stores.local, f"hotline.{flow.interfaces[0].table}", "INSERT") as refuse:
        for number, sqlstate in enumerate(CAUSES):
            inbound.sandbox.world.put(order(f"R{number}", number, shown(flow.interfaces[0])))
            flow.again()
            refuse(sqlstate)
            with pytest.raises(TryAgainLater, match=sqlstate):
                flow.drain() if drains else flow.collect()
            refuse(None)
            flow.drain() if drains else flow.collect()
    assert {key: len(contents) for key, contents in inbound.hashes(flow.interfaces[0]).items()} == {
        f"R{number}": 1 for number in range(len(CAUSES))
    }


def test_what_cannot_be_published_now_is_published_by_the_next_run(bridge: Bridge) -> None:
    with (
        connect(bridge.stores.docking) as docking,
        connect(bridge.stores.local) as local,
        refused(bridge.stores.docking, "docking.order_status", "INSERT") as refuse,
    ):
        publishing = PublishBridge(docking, local)
        for number, sqlstate in enumerate(CAUSES):
            fill(publishing, f"R{number}")
            refuse(sqlstate)
            with pytest.raises(TryAgainLater, match=sqlstate):
                publishing.run()
            refuse(None)
            publishing.run()
        assert len(publishing.rows("order_status")) == len(CAUSES)
        assert not any(done.written or done.removed for done in publishing.run(whole=True).values())


def test_two_sessions_in_each_other_s_way(bridge: Bridge) -> None:
    """A real deadlock: whoever maintains the store locks two tables in the other order."""
    bridge.write(call(1))
    holds, wants = Event(), Event()

    def maintain() -> None:
        with psycopg.connect(bridge.stores.local) as other:
            other.execute("SET deadlock_timeout = '1h'")  # so that the bridge is the one that is given up
            other.execute("LOCK TABLE hotline.delivery")
            holds.set()
            wants.wait(60)
            other.execute("LOCK TABLE hotline.call_log")

    with connect(bridge.stores.local) as ours:
        other = Thread(target=maintain)
        other.start()
        assert holds.wait(60)
        with pytest.raises(TryAgainLater, match="40P01"), connect(bridge.stores.local) as local:
            local.execute("SET deadlock_timeout = '50ms'")
            with local.transaction():
                local.execute("LOCK TABLE hotline.call_log IN ROW EXCLUSIVE MODE")
                wants.set()
                local.execute("LOCK TABLE hotline.delivery IN ROW EXCLUSIVE MODE")
        other.join()
        assert ours.execute("SELECT 1").fetchall() == [(1,)]
    bridge.run()
    assert bridge.states() == {"delivered": 1}


def test_a_row_that_commits_late_is_taken_in(bridge: Bridge) -> None:
    """Its time of writing lies before that of rows that were taken in already: work is found by marks."""
    with psycopg.connect(bridge.stores.docking) as slow:
        slow.execute(
            "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, calltype)"
            " VALUES ('440203000001', '13977712345', '440203', '20261123080000', '1')"
        )
        bridge.write(call(2))
        bridge.run()
        assert bridge.states() == {"delivered": 1}
    bridge.run()
    assert bridge.states() == {"delivered": 2}
