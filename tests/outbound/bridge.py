"""The bridge as the tests drive it: what 12345 writes, intake, delivery, and what stores and platform then hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import uvloop
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.deliver import DeliveryCounts, deliver
from hotline_bridge.outbound.intake import IntakeCounts, take_in
from hotline_bridge.outbound.status import LogStatus, log_status
from hotline_bridge.store.database import connect
from tests.sessions import ask, writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import CallRecord, SandboxControl
    from tests.fixtures import Stores

AREA = "440203"
GOOD: Mapping[str, Mapping[str, str]] = {
    "callinfo": {
        "callid": f"{AREA}000001",
        "callno": "13977712345",
        "sourcearea": AREA,
        "calltime": "20261123080000",
        "skilltime": "20261123080010",
        "seattime": "20261123080030",
        "ringtime": "20261123080020",
        "calltype": "1",
    },
    "recordinfo": {
        "recordid": f"{AREA}1{AREA}000001",
        "callid": f"{AREA}000001",
        "recordname": "000001.wav",
        "recordpath": "https://recordings.invalid/000001.wav",
        "begintime": "20261123080030",
        "endtime": "20261123080230",
        "sourcearea": AREA,
        "calltype": "1",
    },
    "seatsignin": {
        "signid": f"{AREA}1120261123080000",
        "seatno": "11",
        "seatname": "张三",
        "begintime": "20261123080000",
        "endtime": "20261123170000",
        "sourcearea": AREA,
    },
    "satisfaction": {
        "id": f"{AREA}{AREA}000001",
        "callid": f"{AREA}000001",
        "satisfaction": "1",
        "opttime": "20261123080240",
        "sourcearea": AREA,
    },
}
"""One row of each telephony log that obeys every printed rule."""


def call(number: int, **changes: str | None) -> dict[str, str | None]:
    """A good call of its own key, with changes."""
    return {**GOOD["callinfo"], "callid": f"{AREA}{number:06}", **changes}


@dataclass(frozen=True)
class Bridge:
    """Two stores, a platform, and the steps of a run over the given interfaces."""

    stores: Stores
    platform: PlatformSettings
    sandbox: SandboxControl
    interfaces: tuple[Interface, ...] = (contract()["callinfo"],)

    def with_settings(self, **changes: object) -> Bridge:
        """The same with another way to reach the platform."""
        return replace(self, platform=replace(self.platform, **changes))  # type: ignore[arg-type]  # names are checked

    def write(self, *rows: Mapping[str, str | None], interface: str = "callinfo", written_at: str = "now") -> None:
        """12345 writes rows into its table; `written_at` is text that PostgreSQL reads."""
        table = sql.Identifier("docking", str(contract()[interface].table))
        with writing(self.stores.docking) as docking:
            for row in rows:
                statement = sql.SQL("INSERT INTO {} ({}, written_at) VALUES ({}, {})").format(
                    table,
                    sql.SQL(", ").join(sql.Identifier(name.lower()) for name in row),
                    sql.SQL(", ").join(sql.Placeholder(name) for name in row),
                    sql.SQL("clock_timestamp()") if written_at == "now" else sql.Literal(written_at),
                )
                docking.execute(statement, row)

    def docking(self, query: str, *values: object) -> list[Any]:
        """A statement on the docking store, as 12345."""
        return ask(self.stores.docking, query, *values)

    def local(self, query: str, *values: object) -> list[Any]:
        """A statement on the local store."""
        return ask(self.stores.local, query, *values)

    def take_in(self) -> list[IntakeCounts]:
        """One intake of every interface."""
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            return [take_in(docking, local, interface) for interface in self.interfaces]

    def deliver(self, budget_s: float = 60.0) -> dict[str, DeliveryCounts]:
        """One delivery run."""
        return uvloop.run(deliver(self.interfaces, self.stores.local, self.platform, budget_s=budget_s))

    def run(self) -> None:
        """Intake and delivery."""
        self.take_in()
        self.deliver()

    def time_passes(self) -> None:
        """Every claim runs out and every wait is over, as a clock would do it."""
        self.local(
            "UPDATE hotline.delivery SET next_attempt_at = now() - interval '1 second',"
            " claimed_until = claimed_until - interval '1 day'"
            " WHERE state IN ('waiting', 'rejected') AND discarded_at IS NULL"
        )

    def states(self) -> dict[str, int]:
        """Versions by state."""
        return dict(self.local("SELECT state, count(*) FROM hotline.delivery GROUP BY state"))

    def status(self) -> list[LogStatus]:
        """The status of every interface."""
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            return [log_status(docking, local, interface) for interface in self.interfaces]

    def accepted(self) -> list[CallRecord]:
        """What the platform stored, in its order."""
        return [record for record in self.sandbox.history() if record["accepted"]]
