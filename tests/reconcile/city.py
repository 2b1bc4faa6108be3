"""A city over some days: orders of 12345, orders of the network, and the runs that carry and compare them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import uvloop

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.reconcile.days import bounds, last_settled
from hotline_bridge.reconcile.run import Limits, reconcile
from hotline_bridge.store.database import connect
from hotline_sandbox.server.world.orders import Order, Shown
from tests.inbound.inbound_bridge import good_row as good_answer
from tests.orders.order_bridge import COMPLAINT, KINDS, OrderBridge, order

if TYPE_CHECKING:
    from hotline_bridge.reconcile.evaluate import Check

DAYS = [last_settled(datetime.now(UTC)) - timedelta(days=number) for number in (5, 4, 3, 2)]
"""Some days of the last week."""
COUNT = "numcaseinfo"


def moment(day: date, clock: str = "10:11:12") -> datetime:
    """A clock reading of a day in Shanghai."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=SHANGHAI)


@dataclass(frozen=True)
class City(OrderBridge):
    """Two stores and a platform with all kinds of orders."""

    def take(self, regino: str, day: date, clock: str = "10:11:12", *, kind: str = COMPLAINT, **changes: str) -> None:
        """12345 takes an order."""
        row = order(kind, regino, registime=f"{day} {clock}", reginfotype=str(1 + KINDS.index(kind)), **changes)
        self.write(row, interface=kind)

    def network(self, regino: str, day: date, clock: str = "15:00:00", *, kind: str = COMPLAINT) -> None:
        """An order comes to the platform by itself."""
        case = contract()[str(contract()[kind].becomes)]
        own = {case.key, "registime"}
        row = {name: value for name, value in good_answer(case).items() if name not in own}
        registered = f"{moment(day, clock):%Y%m%d%H%M%S}"
        self.sandbox.world.put(
            Order(regino=regino, registered=registered, rows=(Shown(table=str(case.table), row=row),))
        )

    def collect(self) -> None:
        """Collect what is due of cases and returns, from two days before all of `DAYS`."""
        self.collect_from(DAYS[0] - timedelta(days=2))

    def collect_from(self, day: date) -> None:
        """The same from another day on."""
        begin = bounds(day)[0]
        uvloop.run(
            collect(
                interfaces_of("case"),
                self.stores.local,
                self.platform,
                policy=REFRESH_POLICY,
                collect_from=begin,
                budget_s=60.0,
            )
        )

    def carry(self) -> None:
        """Take in, deliver, collect."""
        self.run()
        self.again()
        self.collect()

    def again(self) -> None:
        """Every window is due."""
        self.local("UPDATE hotline.collection_window SET due_at = now() - interval '1 day', retry_at = NULL")

    def reconcile(
        self, *days: date, repair: bool = True, patience: timedelta = timedelta(0), **limits: int
    ) -> dict[tuple[date, str], Check]:
        """One reconciliation of these days, or all."""
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            checks = uvloop.run(
                reconcile(
                    docking,
                    local,
                    self.stores.local,
                    self.platform,
                    list(days or DAYS),
                    repair=repair,
                    limits=Limits(patience=patience, **limits),  # type: ignore[arg-type]  # names are checked
                )
            )
        return {(check.day, check.kind): check for check in checks}

    def differing(self, *days: date, repair: bool = True) -> dict[tuple[date, str], int | None]:
        """What a reconciliation leaves unexplained, agreed days left out."""
        checks = self.reconcile(*days, repair=repair)
        return {at: check.unexplained for at, check in checks.items() if check.state != "agreed"}

    def requests(self) -> int:
        """Requests that the platform has seen."""
        return len(self.sandbox.history())

    def lose_locally(self, regino: str, table: str = "complaint_case") -> None:
        """Somebody deletes a collected order."""
        self.local(f"DELETE FROM hotline.{table} WHERE regino = %s", regino)  # noqa: S608  (our names)
