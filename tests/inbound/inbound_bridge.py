"""The inbound side as the tests drive it: a world of orders, runs over it, and what the local store then holds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvloop

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.collect import CollectCounts, collect
from hotline_bridge.inbound.feedback import DrainCounts, drain
from hotline_bridge.inbound.moments import digits
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.schedule import REFRESH_POLICY, RefreshPolicy
from hotline_sandbox.server.world.orders import Order, Shown
from tests.sessions import ask

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Field, Interface
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

START = int(time.time()) // 3600 * 3600 - 2 * 86_400
"""A full hour two days ago, in seconds since 1970: where collecting begins in these tests."""
QUERIES = tuple(interface for interface in contract().values() if interface.kind == "query")
DRAINS = tuple(interface for interface in contract().values() if interface.kind == "drain")
COMPLAINTS = contract()["getTsBusiCaseInfoData"]
STEPS = contract()["getTsCaseLzmx"]
FEEDBACK = contract()["getTodoCaseFeedbackTs"]
REPAIR = contract()["getCaseFeedbackTs"]


def value_of(field: Field) -> str:
    """A text that keeps the printed rules of a field of an answer."""
    if field.codes:
        return next(iter(field.codes))
    texts = {"time": "20261101101112", "timestamp": "2026-11-01 10:11:12", "date": "2026-11-01"}
    return texts.get(field.kind, "2026-11-01 10:11" if field.format == "moment" else "文"[: field.limit])


def good_row(interface: Interface, **changes: object) -> dict[str, object]:
    """A row of an answer that keeps every printed rule, with changes by wire name."""
    return {**{field.name: value_of(field) for field in interface.response}, **changes}


def shown(interface: Interface, **changes: object) -> Shown:
    """The same without what the platform fills in: the order's number and its registration."""
    own = {interface.key, "registime"} - changes.keys()
    row = {name: value for name, value in good_row(interface, **changes).items() if name not in own}
    return Shown(table=str(interface.table), row=row)


def order(number: str, second: int, *rows: Shown) -> Order:
    """An order registered so many seconds after START, with one complaint where no rows are given."""
    return Order(regino=number, registered=digits(START + second), rows=rows or (shown(COMPLAINTS),))


@dataclass(frozen=True)
class Inbound:
    """Two stores, a platform with a world, and the runs over the given interfaces."""

    stores: Stores
    platform: PlatformSettings
    sandbox: SandboxControl
    interfaces: tuple[Interface, ...] = (COMPLAINTS,)

    def of(self, *interfaces: Interface) -> Inbound:
        """The same over other interfaces."""
        return replace(self, interfaces=interfaces)

    def with_settings(self, **changes: object) -> Inbound:
        """The same with another way to reach the platform."""
        return replace(self, platform=replace(self.platform, **changes))  # type: ignore[arg-type]  # names are checked

    def collect(
        self, within: tuple[int, int] | None = None, *, policy: RefreshPolicy = REFRESH_POLICY, budget_s: float = 60.0
    ) -> dict[str, CollectCounts]:
        """One run; `within` in seconds after START."""
        return uvloop.run(
            collect(
                [interface for interface in self.interfaces if interface.kind == "query"],
                self.stores.local,
                self.platform,
                policy=policy,
                collect_from=moment(0),
                within=within and (moment(within[0]), moment(within[1])),
                budget_s=budget_s,
            )
        )

    def one(self, within: tuple[int, int] | None = None) -> CollectCounts:
        """One run over the one interface."""
        (counts,) = self.collect(within).values()
        return counts

    def drain(self) -> dict[str, DrainCounts]:
        """One run over the drains."""
        drains = [interface for interface in self.interfaces if interface.kind == "drain"]
        return uvloop.run(drain(drains, self.stores.local, self.platform))

    def again(self) -> None:
        """Everything is due, as if much time had passed."""
        self.local("UPDATE hotline.collection_window SET due_at = now() - interval '1 day', retry_at = NULL")

    def local(self, query: str, *values: object) -> list[Any]:
        """A statement on the local store."""
        return ask(self.stores.local, query, *values)

    def hashes(self, interface: Interface, suffix: str = "") -> dict[str, set[bytes]]:
        """Contents of the local table by order."""
        found: dict[str, set[bytes]] = {}
        for key, content in self.local(
            f"SELECT {interface.key_column}, content_hash FROM hotline.{interface.table}{suffix}"  # noqa: S608  (of the contract)
        ):
            found.setdefault(key, set()).add(bytes(content))
        return found

    def missing(self, interface: Interface) -> set[str]:
        """Orders that a whole answer no longer held."""
        query = f"SELECT {interface.key_column} FROM hotline.{interface.table} WHERE missing_since IS NOT NULL"  # noqa: S608  (the same)
        return {number for (number,) in self.local(query)}

    def empty(self, *tables: str | None) -> None:
        """Nothing is in these tables any more."""
        for table in tables:
            self.local(f"DELETE FROM hotline.{table}")  # noqa: S608  (named by tests)

    def windows(self, interface: Interface = COMPLAINTS) -> list[tuple[int, int, str]]:
        """Bounds in seconds after START, and state."""
        return [
            (int(begins) - START, int(ends) - START, state)
            for begins, ends, state in self.local(
                "SELECT extract(epoch FROM begins), extract(epoch FROM ends), state FROM hotline.collection_window"
                " WHERE interface = %s ORDER BY begins",
                interface.name,
            )
        ]

    def quarantined(self, state: str = "open") -> list[tuple[str, list[str], bytes]]:
        """Key, reasons and raw row of what is in quarantine."""
        return [
            (key, reasons, bytes(raw))
            for key, reasons, raw in self.local(
                "SELECT key, reasons, raw FROM hotline.quarantined_answer WHERE state = %s ORDER BY row_id", state
            )
        ]


def moment(second: int) -> datetime:
    """An aware moment so many seconds after START."""
    return datetime.fromtimestamp(START + second, UTC)


def by_order(interface: Interface, rows: list[dict[str, object]]) -> dict[str, set[bytes]]:
    """Good contents by order, as the local table should hold them."""
    found: dict[str, set[bytes]] = {}
    for row in read_rows(interface, rows).good:
        found.setdefault(row.key, set()).add(row.content_hash)
    return found
