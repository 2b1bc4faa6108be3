"""SIGKILL after each step of supplements, urges, seats and overlays: the next run ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.failpoints import NOTE_FAILPOINTS
from tests import warm
from tests.fixtures import Stores, platform_at
from tests.invariants import breaches
from tests.orders.order_bridge import KINDS, OrderBridge, order

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

    from hotline_sandbox.server.control import SandboxControl
    from tests.clean_stores import CleanStore

SCRIPT = Path(__file__).with_name("order_run_once.py")
QUESTIONS = {
    "supplements": "SELECT note_key, regino, content, is_current, laid_at IS NOT NULL FROM hotline.order_supplement",
    "urges": "SELECT note_key, regino, remark, is_current FROM hotline.order_urge",
    "seats": "SELECT seatno, seatname, gone_at IS NOT NULL FROM hotline.seat",
    "seat history": "SELECT seatno, seatname, event FROM hotline.seat_history",
    "versions": "SELECT interface, key, state, convert_from(body, 'UTF8') FROM hotline.delivery",
}
"""What a run leaves behind, but for its times and numbers."""
AT = {"supplementtime": "20261124101112"}
UNCOLLECTED = "SELECT count(*) FROM docking.{} WHERE collected_at IS NULL"


def known_orders(bridge: OrderBridge) -> None:
    """One order of each kind with a supplement, an urge and two seats, all of it taken in and sent."""
    for kind in KINDS:
        bridge.write(order(kind, f"K-{kind}"), interface=kind)
    bridge.note("order_supplement", supplementid="S1", regino=f"K-{KINDS[0]}", content="旧", **AT)
    bridge.note("order_urge", urgeid="U1", regino=f"K-{KINDS[0]}", remark="旧")
    for seat in ("1", "2"):
        bridge.note("seat", seatno=seat, seatname="甲")
    bridge.run()


def news(bridge: OrderBridge) -> None:
    """Notes of known, new and unknown orders, corrections of both kinds of notes, a seat changed, one gone, one new."""
    for kind in KINDS:
        bridge.write(order(kind, f"N-{kind}"), interface=kind)
        for state in ("K", "N"):
            bridge.note("order_supplement", supplementid="", regino=f"{state}-{kind}", content=f"补{state}{kind}", **AT)
            bridge.note("order_urge", urgeid="", regino=f"{state}-{kind}", remark=f"催{state}{kind}")
    bridge.note("order_supplement", supplementid="S1", regino=f"K-{KINDS[0]}", content="新", **AT)
    bridge.note("order_supplement", supplementid="S2", regino="UNKNOWN", content="先到", **AT)
    bridge.note("order_urge", urgeid="U1", regino=f"K-{KINDS[0]}", remark="新")
    bridge.docking("UPDATE docking.seat SET seatname = '乙' WHERE seatno = '1'")
    bridge.docking("DELETE FROM docking.seat WHERE seatno = '2'")
    bridge.note("seat", seatno="3", seatname="丙")


def left_behind(bridge: OrderBridge) -> dict[str, Counter[object]]:
    return {name: Counter(bridge.local(question)) for name, question in QUESTIONS.items()}


@pytest.fixture(scope="module")
def clean(
    clean_docking: CleanStore, clean_local: CleanStore, sandbox_process: SandboxControl
) -> dict[str, Counter[object]]:
    """What is left behind where nothing is killed."""
    sandbox_process.reset()
    stores = Stores(clean_docking.ready(), clean_local.ready())
    bridge = OrderBridge(stores, platform_at(sandbox_process), sandbox_process, interfaces_of("order"))
    known_orders(bridge)
    news(bridge)
    bridge.run()
    return left_behind(bridge)


def start(bridge: OrderBridge, step: str | None = None) -> ForkServerProcess:
    stores = {"DOCKING": bridge.stores.docking, "LOCAL": bridge.stores.local, "PLATFORM": bridge.sandbox.base_url}
    return warm.start(SCRIPT, environment={**os.environ, **stores}, step=step)


def assert_as_a_clean_run(bridge: OrderBridge, clean: dict[str, Counter[object]]) -> None:
    assert left_behind(bridge) == clean
    assert breaches(bridge.stores, bridge.sandbox) == []
    for table in ("order_supplement", "order_urge", "seat"):
        assert bridge.docking(UNCOLLECTED.format(table)) == [(0,)]
    delivered = bridge.local("SELECT count(*) FROM hotline.delivery WHERE state = 'delivered'")
    assert delivered == [(len(KINDS) * 3,)], "the known ones before and after, the new ones with all that is on them"


@pytest.mark.slow
@pytest.mark.parametrize("step", NOTE_FAILPOINTS)
def test_killed_after_a_step_of_the_notes(clean: dict[str, Counter[object]], orders: OrderBridge, step: str) -> None:
    known_orders(orders)
    news(orders)
    before = len(orders.sent())
    assert warm.ended(start(orders, step), 60) == -signal.SIGKILL
    orders.run()
    assert len(orders.sent()) - before == len(KINDS) * 2, "each order once, with everything on it"
    assert_as_a_clean_run(orders, clean)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_among_the_notes(
    clean: dict[str, Counter[object]], orders: OrderBridge, seed: int
) -> None:
    known_orders(orders)
    news(orders)
    moments = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    for _ in range(4):
        run = start(orders)
        run.join(moments.uniform(0.05, 0.6))
        run.kill()
        run.join()
        orders.time_passes()
    orders.run()
    assert_as_a_clean_run(orders, clean)
