"""Orders as 12345 writes them, their notes, and the steps of a run of `order_report`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.asked import release_asked
from hotline_bridge.outbound.audit import Decision
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.order_annotations import AnnotationCounts, take_in_annotations
from hotline_bridge.outbound.overlays import apply_pending_overlays, supplemented_interfaces
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.store.database import connect
from sandbox.tests.server.sandbox_client import good_row
from tests.outbound.bridge import Bridge

if TYPE_CHECKING:
    from hotline_bridge.outbound.intake import IntakeCounts

COMPLAINT, REPORT, CONSULTATION = "putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData"
KINDS = (COMPLAINT, REPORT, CONSULTATION)
AUDITED = Policy(audit_required=True)
NUMBER = "G2026112400000001"
CLERK = Decision("综合股", "张三", "不属于市场监管职责")
PLAIN_NUMBERS = {
    "telnumber": "13977712345",
    "protel": "0751-8888888转801",
    "invopttel": "400-810-0011",
    "creditcode": "91110000600037341L",
    "procerno": "11010519491231002X",
}
"""Numbers that check out."""


def order(kind: str, regino: str = NUMBER, **changes: str | None) -> dict[str, str | None]:
    """A good order of a kind, with changes."""
    fields = {field.name for field in contract()[kind].request}
    numbers = {name: text for name, text in PLAIN_NUMBERS.items() if name in fields}
    return {**good_row(kind), **numbers, "regino": regino, **changes}


@dataclass(frozen=True)
class OrderBridge(Bridge):
    """Two stores, a platform, and the three interfaces of orders."""

    policy: Policy = PLAIN

    def note(self, table: str, written_at: str = "now", **fields: str | None) -> None:
        """12345 writes a supplement, an urge or a seat."""
        names = ", ".join(fields)
        marks = ", ".join(["%s"] * len(fields))
        moment = "clock_timestamp()" if written_at == "now" else f"'{written_at}'"
        self.docking(
            f"INSERT INTO docking.{table} ({names}, written_at) VALUES ({marks}, {moment})",  # noqa: S608  (our names)
            *fields.values(),
        )

    def take_in(self) -> list[IntakeCounts]:
        """As the DAG's task: what pages asked for, orders, notes and seats, then what is to be laid over orders."""
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            audit = self.policy.audit_required
            release_asked(local, self.interfaces, self.policy)
            taken = [
                take_in(docking, local, interface, policy=Policy(audit_required=audit)) for interface in self.interfaces
            ]
            take_in_annotations(docking, local)
            apply_pending_overlays(local, supplemented_interfaces(), self.policy)
            return taken

    def take_in_notes(self) -> dict[str, AnnotationCounts]:
        """Notes and seats alone."""
        with connect(self.stores.docking) as docking, connect(self.stores.local) as local:
            return take_in_annotations(docking, local)

    def sent(self, kind: str | None = None) -> list[dict[str, str]]:
        """Bodies that the platform stored, in its order."""
        stored = self.sandbox.history(bodies=True)
        found = [json.loads(str(record["body"])) for record in stored if record["accepted"]]
        return [body for body in found if kind in {None, body["method"]}]

    def versions(self, regino: str) -> list[tuple[str, list[str]]]:
        """State and broken rules of an order's versions, oldest first."""
        return self.local(
            "SELECT state, reasons FROM hotline.delivery WHERE key = %s ORDER BY written_at, row_id", regino
        )

    def add_up(self) -> bool:
        """Whether every docking row is accounted for."""
        return all(log.adds_up for log in self.status())
