"""No false alarm: histories in which nothing is lost, under either reading of a window's ends, with orders arriving."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.reconcile.days import last_settled
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from hotline_sandbox.server.world.orders import Order, Put, Shown
from tests.examples import examples
from tests.inbound.inbound_bridge import COMPLAINTS, good_row
from tests.orders.order_bridge import CONSULTATION, KINDS
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

HISTORIES = examples(1500)
"""Days, each a history of its own: nothing of one touches another."""
MIDNIGHTS = ("00:00:00", "00:00:01", "23:59:59")


@pytest.fixture(params=["inclusive", "exclusive"])
def either(request: pytest.FixtureRequest, stores: Stores) -> Iterator[City]:
    """A city whose platform reads the end of a window in one way or the other."""
    with running_sandbox(window_end=request.param, registime="seconds") as sandbox:
        settings = PlatformSettings(base_url=sandbox.base_url, app_id=DEFAULT_APP_ID, token=DEFAULT_TOKEN)
        yield City(stores, settings, sandbox, interfaces_of("order"))


def complaint(regino: str, day: date, clock: str) -> Order:
    row = {name: value for name, value in good_row(COMPLAINTS).items() if name not in {"regino", "registime"}}
    shown = Shown(table="complaint_case", row=row)
    return Order(regino=regino, registered=f"{day:%Y%m%d}{clock.replace(':', '')}", rows=(shown,))


def histories(source: random.Random, days: list[date]) -> list[Order]:
    """Up to nine orders a day, many of them in the seconds around midnight."""
    orders = []
    for day in days:
        for number in range(source.randrange(10)):
            clock = source.choice(MIDNIGHTS) if source.random() < 0.5 else f"{source.randrange(24):02}:30:15"
            orders.append(complaint(f"R{day:%y%m%d}{number}", day, clock))
    return orders


@pytest.mark.hypothesis
def test_clean_histories_raise_no_alarm_while_orders_arrive(either: City) -> None:
    last = last_settled(datetime.now(UTC))
    days = [last - timedelta(days=number) for number in reversed(range(HISTORIES))]
    source = random.Random(20261124)  # noqa: S311  (a sample)
    orders = histories(source, days)
    either.sandbox.world.change(Put(do="put", orders=tuple(orders)))
    city = City(either.stores, either.platform, either.sandbox, either.interfaces)
    city.collect_from(days[0])
    ended = threading.Event()
    arriving = threading.Thread(target=arrive, args=(either.sandbox, days, ended))
    arriving.start()
    try:
        checks = city.reconcile(*days, collections=3 * HISTORIES)
    finally:
        ended.set()
        arriving.join()
    alarms = {at: check for at, check in checks.items() if check.state != "agreed"}
    assert not alarms
    assert len(checks) == HISTORIES * 3
    assert sum(check.platform_count or 0 for check in checks.values()) >= len(orders)


def arrive(sandbox: SandboxControl, days: list[date], ended: threading.Event) -> None:
    """Orders that the platform registers late, on days long past, some of which are judged already and some are not."""
    source = random.Random(7)  # noqa: S311  (a sample)
    number = 0
    while not ended.wait(0.1):
        number += 1
        sandbox.world.put(complaint(f"LATE{number}", source.choice(days), source.choice(MIDNIGHTS)))


def test_orders_of_midnight_belong_to_one_day_each(either: City, request: pytest.FixtureRequest) -> None:
    for kind in KINDS:
        for place, day in enumerate(DAYS):
            for number, clock in enumerate(MIDNIGHTS):
                either.take(f"{kind[3:5]}{place}{number}", day, clock, kind=kind)
    either.take("lonely", DAYS[0], "12:00:30", kind=CONSULTATION)
    either.carry()
    checks = either.reconcile()
    assert {check.state for check in checks.values()} == {"agreed"}
    counts = {
        (check.docking_count, check.delivered_count, check.platform_count, check.local_count)
        for check in checks.values()
    }
    assert counts == {(3, 3, 3, 3), (4, 4, 4, 4)}
    [(end,)] = either.local("SELECT is_inclusive FROM hotline.platform_reading WHERE name = 'count_end'")
    asked = either.requests()
    either.reconcile()
    assert either.requests() - asked == len(DAYS), "how the platform reads ends is found out once"
    either.lose_locally("Ts12")
    assert either.differing(repair=False) == {(DAYS[1], "complaint"): 1}
    assert end == (request.node.callspec.params["either"] == "inclusive")
