"""Both stores, with rows as the other steps of the bridge leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.publish import PublishCounts, publish

if TYPE_CHECKING:
    from psycopg import Connection

TS, JB, ZX = "putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData"


class PublishBridge:
    """Fills, publishes, and reads what 12345 reads."""

    def __init__(self, docking: Connection, local: Connection) -> None:
        self.docking, self.local = docking, local

    def version(self, regino: str, state: str, minute: int = 0, interface: str = TS, **more: Any) -> None:
        """A version of an order that 12345 put."""
        values = {"reasons": [], "message": None, "settled": state in {"delivered", "rejected"}, **more}
        self.local.execute(
            "INSERT INTO hotline.delivery"
            " (interface, key, content_hash, state, written_at, body, body_sha256, reasons, message, settled_at)"
            " SELECT %s, %s, gen_random_uuid()::text::bytea, %s, now() + %s * interval '1 minute', '{}', '', %s, %s,"
            " CASE WHEN %s THEN now() END",
            [interface, regino, state, minute, values["reasons"], values["message"], values["settled"]],
        )

    def answer(self, table: str, **columns: Any) -> None:
        """A row that was collected."""
        full = {"content_hash": uuid4().bytes, "source": "", "requested_at": "now", **columns}
        names, marks = ", ".join(full), ", ".join(["%s"] * len(full))
        statement = f"INSERT INTO hotline.{table} ({names}) VALUES ({marks})"  # noqa: S608  (names of ours)
        self.local.execute(statement.encode(), list(full.values()))

    def run(self, *, whole: bool = False) -> dict[str, PublishCounts]:
        done = publish(self.docking, self.local, whole=whole)
        if done.problems:
            raise done.problems[0]
        return done.counts

    def rows(self, table: str) -> list[dict[str, Any]]:
        names = [column.name for column in docking_tables()[table].columns]
        statement = f"SELECT {', '.join(names)} FROM docking.{table} ORDER BY 1, 2"  # noqa: S608  (names of ours)
        found = self.docking.execute(statement.encode())
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def status(self) -> dict[str, tuple[str, str | None]]:
        return {row["regino"]: (row["state"], row["message"]) for row in self.rows("order_status")}


def fill(bridge: PublishBridge, regino: str = "R1") -> None:
    """One finished complaint, with a row of everything that the platform answers about it."""
    bridge.version(regino, "delivered")
    bridge.answer(
        "complaint_case", regino=regino, goodsname="手机", salesway="1", invopart="某公司", applcontent="退款"
    )
    bridge.answer("complaint_feedback", odrno=regino, agent="经办", agenttel="0751", dealresult="调解成功")
    bridge.answer("case_feedback", region=regino, feetime="2026-11-01 10:00:00+08", feedbackcontent="已办结")
    bridge.answer("case_routing", bh=regino, id="1", jsdept="一所")
    bridge.answer("case_routing", bh=regino, id="2", jsdept="二所")
    bridge.answer(
        "returned_case", odrno=regino, handdept="审核科", dealresult="不属职责", updatetime="2026-11-02 08:00+08"
    )
