"""Full answers: around the cap, at the bottom, under each reading and order.

See architecture: a full answer is suspect.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_sandbox.server.control import running_sandbox
from tests.inbound.inbound_bridge import COMPLAINTS, START, STEPS, by_order, order, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.server.control import SandboxControl
    from hotline_sandbox.server.world.orders import Order
    from tests.inbound.inbound_bridge import Inbound

HOUR = 3600


def orders(count: int, second: int, spread: int = 1, prefix: str = "R") -> list[Order]:
    """Orders registered one after the other over so many seconds."""
    return [order(f"{prefix}{number:05}", second + number % spread) for number in range(count)]


def assert_local_is_platform(inbound: Inbound) -> None:
    for interface in inbound.interfaces:
        assert inbound.hashes(interface) == by_order(interface, inbound.sandbox.world.rows(interface.name))


@pytest.fixture(
    scope="module",
    params=[
        {"row_order": "registration", "window_end": "inclusive", "registime": "minutes"},
        {"row_order": "reverse", "window_end": "exclusive", "registime": "seconds", "empty": "null"},
        {"row_order": "random", "window_end": "inclusive", "registime": "seconds"},
        {"row_order": "random", "window_end": "exclusive", "registime": "minutes"},
    ],
    ids=lambda settings: "-".join(settings.values()),
)
def of_a_kind(request: pytest.FixtureRequest) -> Iterator[SandboxControl]:
    """A platform of each kind that the specification allows."""
    with running_sandbox(**request.param) as sandbox:
        yield sandbox


@pytest.fixture
def any_platform(inbound: Inbound, of_a_kind: SandboxControl) -> Inbound:
    """The same, with an empty history."""
    of_a_kind.reset()
    return replace(inbound, sandbox=of_a_kind, platform=replace(inbound.platform, base_url=of_a_kind.base_url))


@pytest.mark.parametrize(("count", "cut"), [(499, 0), (500, 1), (501, 1)])
def test_around_the_cap(inbound: Inbound, count: int, cut: int) -> None:
    inbound.sandbox.world.put(*orders(count, HOUR, spread=HOUR))
    done = inbound.one()
    assert (done.cut > 0) == bool(cut)
    assert (done.added, done.incomplete_seconds, done.missing) == (count, 0, 0)
    assert_local_is_platform(inbound)


def test_bursts_on_any_platform(any_platform: Inbound) -> None:
    """1,200 in a minute, 999 in two neighbouring seconds, and 499 in one second: all come, each once."""
    world = any_platform.sandbox.world
    world.put(*orders(1200, HOUR, spread=60, prefix="M"), *orders(998, 2 * HOUR, spread=2, prefix="T"))
    world.put(*orders(499, 3 * HOUR, prefix="S"))
    done = any_platform.one()
    assert (done.added, done.replaced, done.missing, done.incomplete_seconds) == (1200 + 998 + 499, 0, 0, 0)
    assert_local_is_platform(any_platform)
    any_platform.again()
    again = any_platform.one()
    assert (again.added, again.replaced, again.missing, again.incomplete_seconds) == (0, 0, 0, 0)
    assert {state for *_, state in any_platform.windows()} == {"settled"}


def test_more_than_the_cap_in_one_second(any_platform: Inbound, caplog: pytest.LogCaptureFixture) -> None:
    world = any_platform.sandbox.world
    world.put(*orders(600, HOUR), order("BEFORE", 0), order("AFTER", 2 * HOUR))
    with caplog.at_level(logging.ERROR):
        done = any_platform.one()
    assert done.incomplete_seconds > 0
    assert "more rows in one second" in caplog.text
    incomplete = [(begin, end) for begin, end, state in any_platform.windows() if state == "incomplete"]
    assert all(end - begin == 1 and begin <= HOUR <= end for begin, end in incomplete)
    assert incomplete
    local = any_platform.hashes(COMPLAINTS)
    assert len(local) >= 500, "what came is kept"
    assert {"BEFORE", "AFTER"} <= local.keys()

    # A visit that fails does not make it good.
    any_platform.again()
    any_platform.sandbox.set_faults([{"kind": "status", "status": 503, "interface": COMPLAINTS.name}])
    any_platform.one()
    assert "incomplete" in {state for *_, state in any_platform.windows()}

    any_platform.sandbox.clear_faults()
    world.remove(*(f"R{number:05}" for number in range(150)))
    any_platform.again()
    assert any_platform.one().incomplete_seconds == 0
    assert {state for *_, state in any_platform.windows()} == {"settled"}
    assert by_order(COMPLAINTS, world.rows(COMPLAINTS.name)).items() <= any_platform.hashes(COMPLAINTS).items()


def test_what_is_asked_at_the_bottom(inbound: Inbound) -> None:
    """`[t,t+1]`, `[t,t]`, `[t+1,t+1]`: only then is a second incomplete."""
    inbound.sandbox.world.put(*orders(600, HOUR, spread=2))
    done = inbound.one((HOUR, HOUR + 1))
    asked = [str(call["key"]) for call in inbound.sandbox.history(interface=COMPLAINTS.name)]
    t, u = (time for time in asked[0].split("-"))
    assert asked == [f"{t}-{u}", f"{t}-{t}", f"{u}-{u}"]
    assert int(u) - int(t) == 1
    assert (done.added, done.missing, done.incomplete_seconds, done.requests) == (600, 0, 0, 3)
    assert inbound.windows()[1][2] == "settled"
    assert inbound.local("SELECT count(*) FROM hotline.landing") == [(2,)], "both answers are kept as they came"

    inbound.again()
    again = inbound.one((HOUR, HOUR + 1))
    assert (again.added, again.replaced, again.missing) == (0, 0, 0), "neither second counts as missing in the other"


def test_a_bottom_that_fails_is_incomplete_and_loses_nothing(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*orders(600, HOUR, spread=2))
    inbound.sandbox.set_faults([{"kind": "status", "status": 500, "interface": COMPLAINTS.name, "after": 2}])
    done = inbound.one((HOUR, HOUR + 1))
    assert done.incomplete_seconds == 1
    assert len(inbound.hashes(COMPLAINTS)) >= 500
    inbound.sandbox.clear_faults()
    inbound.again()
    inbound.one((HOUR, HOUR + 1))
    assert_local_is_platform(inbound)


def test_501_rows_in_an_answer(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*orders(501, HOUR, spread=60))
    inbound.sandbox.set_faults([{"kind": "overfull", "rows": 501, "interface": COMPLAINTS.name, "count": 1}])
    done = inbound.one()
    assert done.cut >= 1
    assert_local_is_platform(inbound)


def test_the_same_row_twice(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*orders(10, HOUR))
    inbound.sandbox.set_faults([{"kind": "repeated_row", "interface": COMPLAINTS.name}])
    done = inbound.one()
    assert (done.rows, done.added) == (11, 10)
    assert_local_is_platform(inbound)


@pytest.mark.parametrize("interface", [COMPLAINTS, STEPS], ids=["tells its time", "does not"])
def test_rows_from_outside_of_the_window(inbound: Inbound, interface: object) -> None:
    """They are kept, replace nothing, and no visit afterwards takes them for missing."""
    inbound = inbound.of(interface)  # type: ignore[arg-type]  # an interface
    inbound.sandbox.world.put(order("IN", 60, shown(inbound.interfaces[0])))
    inbound.sandbox.world.put(order("OUT", 5 * HOUR, shown(inbound.interfaces[0])))
    inbound.sandbox.set_faults([{"kind": "outside", "rows": 1, "interface": inbound.interfaces[0].name}])
    done = inbound.one((0, HOUR))
    assert done.outside == (inbound.interfaces[0] is COMPLAINTS)
    inbound.sandbox.clear_faults()
    inbound.one()
    for _ in range(3):
        assert inbound.one((0, HOUR)).missing <= 1
        inbound.one((4 * HOUR, 6 * HOUR))
    assert inbound.one((0, HOUR)).missing == 0
    assert_local_is_platform(inbound)
    assert inbound.missing(inbound.interfaces[0]) == set()


def test_rows_without_an_order_number(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*orders(20, HOUR))
    inbound.sandbox.set_faults([{"kind": "numberless", "rows": 3, "interface": COMPLAINTS.name}])
    done = inbound.one()
    assert (done.rows, done.added, done.quarantined) == (20, 17, 1), "rows of equal content are kept once"
    assert [(key, reasons) for key, reasons, _ in inbound.quarantined()] == [("", ["regino:required"])]


def test_an_order_whose_rows_straddle_a_split(inbound: Inbound) -> None:
    """Many steps of one order, in a window that is cut again and again around it: they stay together."""
    inbound = inbound.of(STEPS)
    crowd = [order(f"C{number:04}", HOUR + number % 40, shown(STEPS)) for number in range(700)]
    many = order("MANY", HOUR + 20, *(shown(STEPS, id=f"S{number}") for number in range(60)))
    inbound.sandbox.world.put(*crowd, many)
    assert inbound.one().cut > 0
    assert len(inbound.hashes(STEPS)["MANY"]) == 60
    inbound.sandbox.world.replace("MANY", str(STEPS.table), *(shown(STEPS, id=f"S{number}") for number in range(59)))
    inbound.again()
    assert (inbound.one().replaced, len(inbound.hashes(STEPS)["MANY"])) == (1, 59)
    assert_local_is_platform(inbound)


def test_the_tests_begin_in_the_past() -> None:
    assert START % HOUR == 0
