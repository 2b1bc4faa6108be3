"""The checker finds nothing in a run that went well, and each invariant that is broken on purpose."""

from __future__ import annotations

from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.store.database import connect
from hotline_sandbox.checker import INVARIANTS, check
from hotline_sandbox.contents import contents
from tests.fixtures import Stores, platform_at
from tests.inbound.inbound_bridge import FEEDBACK, Inbound, order, shown
from tests.outbound.bridge import call
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.store.database import Session
    from hotline_sandbox.checker import Breach
    from hotline_sandbox.contents import Contents
    from hotline_sandbox.server.control import SandboxControl
    from hotline_sandbox.server.history import CallRecord
    from tests.clean_stores import CleanStore

NAME, ORDER = "欧阳隐", "G1"


@dataclass
class World:
    """A run that went well, and what it left behind."""

    docking: Session
    local: Session
    local_conninfo: str
    history: list[CallRecord]
    clean: Contents

    def breaches(self, said: str = "") -> list[Breach]:
        return check(self.history, self.docking, self.local, clean=self.clean, said=said)

    def report(self) -> CallRecord:
        return next(made for made in self.history if made["accepted"] and made["key"] == ORDER)

    def acknowledgement(self) -> CallRecord:
        return next(made for made in self.history if made["interface"] == FEEDBACK.acknowledged_by)


@pytest.fixture(scope="module")
def ran(clean_docking: CleanStore, clean_local: CleanStore, sandbox_process: SandboxControl) -> Iterator[World]:
    sandbox_process.reset()
    stores, platform = Stores(clean_docking.ready(), clean_local.ready()), platform_at(sandbox_process)
    city = City(stores, platform, sandbox_process, (*interfaces_of("telephony"), *interfaces_of("order")))
    for number in range(5):
        city.write(call(number))
    city.write(call(7, callid="odd"))
    for place, day in enumerate(DAYS):
        city.take(f"G{place}", day, proname=NAME)
        city.network(f"N{place}", day)
    city.note("order_supplement", supplementid="S1", regino=ORDER, content="补充", supplementtime="20261124101112")
    city.carry()
    city.reconcile()
    sandbox_process.world.put(*(order(f"F{number}", number, shown(FEEDBACK)) for number in range(3)))
    inbound = Inbound(stores, platform, sandbox_process, (FEEDBACK, contract()["getCaseFeedbackTs"]))
    inbound.drain()
    inbound.collect()
    with connect(stores.docking) as docking, connect(stores.local) as local:
        yield World(docking, local, stores.local, sandbox_process.history(), contents(docking, local))


@pytest.fixture
def world(ran: World) -> Iterator[World]:
    """The same, taken back after the test."""
    with ExitStack() as taken_back:
        for store in (ran.docking, ran.local):
            taken_back.enter_context(store.transaction(force_rollback=True))
        yield World(ran.docking, ran.local, ran.local_conninfo, deepcopy(ran.history), ran.clean)


def test_a_run_that_went_well_breaks_nothing(world: World) -> None:
    assert world.breaches(said="taken in rows=6") == []
    kinds = {made["interface"] for made in world.history}
    assert {"callinfo", "numcaseinfo", FEEDBACK.name, FEEDBACK.acknowledged_by} <= kinds
    assert world.local.execute("SELECT FROM hotline.delivery WHERE state = 'quarantined'").rowcount == 1


def _forget_calls(world: World) -> None:
    world.history = [made for made in world.history if made["key"] != ORDER]


def _send_again(world: World) -> None:
    world.history.append({**world.report(), "received_at": "2999-01-01T00:00:00.000+08:00"})


def _send_twice(world: World) -> None:
    world.history.append(world.report())


def _send_other_bytes(world: World) -> None:
    world.history.append({**world.report(), "body_sha256": "00" * 32})


def _acknowledge_early(world: World) -> None:
    world.acknowledgement()["received_at"] = "2001-01-01T00:00:00.000+08:00"


def _forget_answers(world: World) -> None:
    world.history = [made for made in world.history if made["rows"] is None]


LOCAL: dict[str, tuple[str, str]] = {
    "a version is gone": ("I5", "DELETE FROM hotline.delivery WHERE key = 'G1'"),
    "no reason": ("I1", "UPDATE hotline.delivery SET reasons = '{}' WHERE state = 'quarantined'"),
    "feedback is gone": ("I3", "DELETE FROM hotline.complaint_feedback WHERE odrno = 'F1'"),
    "another text": ("I4", "UPDATE hotline.complaint_order SET proname = 'x' WHERE regino = 'G1'"),
    "a row too many": ("I4", "INSERT INTO hotline.seat VALUES ('1', '', '', '', '', '')"),
    "a gap": ("I5", "UPDATE hotline.collection_window SET ends = ends - interval '1 s' WHERE begins < now()"),
    "a note is gone": ("I5", "DELETE FROM hotline.order_supplement"),
    "a row of an answer is gone": ("I6", "DELETE FROM hotline.complaint_case WHERE regino = 'N2'"),
    "a typed row is gone": ("I6", "DELETE FROM hotline.complaint_order WHERE regino = 'G1'"),
    "a day differs": (
        "I6",
        "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, unexplained, state)"
        " VALUES (now(), '2026-01-01', 'complaint', 1, 'open')",
    ),
    "a name in a message": ("I7", "UPDATE hotline.interaction_log SET message = '姓名 欧阳隐'"),
    "a slow try": ("I8", "UPDATE hotline.interaction_log SET elapsed_ms = 60000"),
    "a claim": ("I8", "UPDATE hotline.delivery SET claimed_until = now()"),
}
HISTORY = {
    "never arrived": ("I1", _forget_calls),
    "sent after a recorded success": ("I2", _send_again),
    "sent without a record": ("I2", _send_twice),
    "sent with other bytes": ("I2", _send_other_bytes),
    "acknowledged before it was stored": ("I3", _acknowledge_early),
    "asked by nobody": ("I5", _forget_answers),
}


@pytest.mark.parametrize("what", LOCAL)
def test_what_the_local_store_lost_is_found(world: World, what: str) -> None:
    invariant, statement = LOCAL[what]
    assert world.local.execute(statement.encode()).rowcount > 0
    assert invariant in {breach.invariant for breach in world.breaches()}


@pytest.mark.parametrize("what", HISTORY)
def test_what_the_platform_saw_and_must_not_is_found(world: World, what: str) -> None:
    invariant, change = HISTORY[what]
    change(world)
    assert invariant in {breach.invariant for breach in world.breaches()}


def test_a_row_that_nobody_took_in_is_found(world: World) -> None:
    world.docking.execute("INSERT INTO docking.call_log (callid) VALUES ('440203999999')")
    assert ("I1", "callinfo", "440203999999") in {breach[:3] for breach in world.breaches()}


def test_what_a_process_says_is_looked_through(world: World) -> None:
    breaches = world.breaches(said=f"Traceback ... {NAME}")
    assert [breach.invariant for breach in breaches] == ["I7"]
    assert NAME not in str(breaches)


def test_a_session_that_stands_still_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_sandbox.checker.STANDS_STILL", timedelta(0))
    with connect(world.local_conninfo) as other, other.transaction():
        other.execute("SELECT 1")
        assert "I8" in {breach.invariant for breach in world.breaches()}


def test_each_invariant_is_broken_by_a_test() -> None:
    broken: Any = {invariant for invariant, _ in (*LOCAL.values(), *HISTORY.values())}
    assert sorted(broken) == [f"I{number + 1}" for number in range(len(INVARIANTS))]
