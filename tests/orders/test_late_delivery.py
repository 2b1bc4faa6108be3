"""An order that was delivered late comes back at once, however old its window; a usual day asks for nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import uvloop

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.moments import readable
from hotline_bridge.inbound.schedule import REFRESH_POLICY, mark_late
from hotline_bridge.store.database import connect
from tests import sessions
from tests.fixtures import Stores, platform_at
from tests.orders.order_bridge import COMPLAINT, KINDS, OrderBridge, order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

QUERIES = [known for flow in ("case", "process") for known in interfaces_of(flow) if known.kind == "query"]
GIVEN_BACK = {order.becomes for order in interfaces_of("order")}
OF_ANY = [query for query in interfaces_of("case", "query") if query.name not in GIVEN_BACK]
"""What is asked for orders of every kind: those that the audit returned."""


class LateOrders:
    """The bridge with its collecting, as `case_collect` and `process_collect` do it."""

    def __init__(self, orders: OrderBridge) -> None:
        self.orders = orders

    def collect(self, queries: Sequence[Interface] = tuple(QUERIES)) -> dict[str, int]:
        """What is due now; requests by interface."""
        found = uvloop.run(
            collect(
                queries,
                self.orders.stores.local,
                self.orders.platform,
                policy=REFRESH_POLICY,
                collect_from=datetime.now(UTC) - timedelta(days=200),
            )
        )
        return {name: done.requests for name, done in found.items() if done.requests}

    def mark(self) -> int:
        with connect(self.orders.stores.local) as local:
            return mark_late(local)

    def finished(self) -> None:
        self.orders.local("INSERT INTO hotline.run_log (dag, subject) VALUES ('case_collect', '')")

    def due(self) -> set[str]:
        return {
            name
            for (name,) in self.orders.local("SELECT interface FROM hotline.collection_window WHERE due_at <= now()")
        }

    def deliver(self, kind: str, days_old: float, number: str = "LATE1") -> None:
        registered = readable(int((datetime.now(UTC) - timedelta(days=days_old)).timestamp()))
        case = contract()[str(contract()[kind].becomes)]
        codes = next(field.codes for field in case.response if field.name == "reginfotype")
        written = order(kind, number, registime=registered, reginfotype=next(iter(codes or ("1",))))
        self.orders.write(written, interface=kind)
        self.orders.run()
        assert self.orders.versions(number) == [("delivered", [])]


@pytest.fixture(scope="module")
def visited(postgres: Server, templates: Stores, sandbox_process: SandboxControl) -> str:
    """200 days were visited, some time ago; windows beyond 120 days hold no open order and are not visited again.

    To visit them takes longer than a test: each gets a copy.
    """
    postgres.create_database("local_visited", template=templates.local)
    stores = Stores("", postgres.conninfo("local_visited"))
    sandbox_process.reset()
    LateOrders(OrderBridge(stores, platform_at(sandbox_process), sandbox_process)).collect()
    sessions.ask(stores.local, "UPDATE hotline.collection_window SET visited_at = visited_at - interval '10 minutes'")
    sessions.close(stores.local)
    return "local_visited"


@pytest.fixture
def late(postgres: Server, visited: str, orders: OrderBridge) -> Iterator[LateOrders]:
    postgres.create_database("local_late", template=visited)
    local = postgres.conninfo("local_late")
    found = LateOrders(replace(orders, stores=Stores(orders.stores.docking, local)))
    assert found.due() == set()
    yield found
    sessions.close(local)
    postgres.drop_database("local_late")


@pytest.mark.parametrize("days_old", [20, 60, 150])
@pytest.mark.parametrize("kind", KINDS)
def test_a_late_order_is_collected_by_the_next_run(late: LateOrders, kind: str, days_old: int) -> None:
    late.deliver(kind, days_old)
    case = contract()[str(contract()[kind].becomes)]
    assert late.mark() == 1 + len(OF_ANY)
    assert late.due() == {case.name, *(query.name for query in OF_ANY)}
    assert late.mark() == 0, "asked for already"
    asked = late.collect([case, *OF_ANY])
    assert all(requests <= 2 for requests in asked.values()), "the window, and the seconds since the last run"
    found = late.orders.local(f"SELECT regino FROM hotline.{case.table}")  # noqa: S608  (of the contract)
    assert found == [("LATE1",)]
    late.finished()
    awakened = late.mark()
    assert (awakened > 0) == (days_old > 120), "windows of steps that nobody visits any more, and no others"
    late.collect()
    assert late.mark() == 0
    assert not late.orders.local("SELECT FROM hotline.collection_window WHERE due_at < now()")


def test_a_usual_order_asks_for_nothing(late: LateOrders) -> None:
    late.deliver(COMPLAINT, 0.01, "TODAY")
    late.deliver(COMPLAINT, 5, "YOUNG")
    assert late.mark() == 0, "its window is due within the hour"


def test_an_order_that_the_platform_does_not_show_is_asked_for_once(late: LateOrders) -> None:
    late.deliver(COMPLAINT, 60)
    late.orders.sandbox.reset()
    assert late.mark() == 1 + len(OF_ANY)
    late.collect()
    late.orders.local("UPDATE hotline.delivery SET settled_at = settled_at - interval '2 minutes'")
    assert late.mark() == 0


def test_a_missed_run_costs_a_delay_and_no_order(late: LateOrders) -> None:
    late.finished()
    late.orders.local("UPDATE hotline.run_log SET finished_at = finished_at - interval '9 days'")
    late.deliver(COMPLAINT, 60)
    late.orders.local("UPDATE hotline.delivery SET settled_at = settled_at - interval '8 days'")
    late.orders.local("UPDATE hotline.collection_window SET visited_at = visited_at - interval '8 days'")
    assert late.mark() == 1 + len(OF_ANY)


def test_a_window_under_way_is_left_to_the_next_run(late: LateOrders) -> None:
    late.deliver(COMPLAINT, 60)
    with connect(late.orders.stores.local) as other, other.transaction():
        other.execute("SELECT FROM hotline.collection_window FOR UPDATE")
        assert late.mark() == 0
    assert late.mark() == 1 + len(OF_ANY)
