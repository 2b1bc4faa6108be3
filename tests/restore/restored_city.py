"""A city with everything in flight, its backup by PostgreSQL's own programs, and the commands of the runbook."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.outbound.overlays import complete
from hotline_bridge.store.database import connect
from hotline_bridge.tasks import inbound as steps
from hotline_bridge.tasks import outbound
from hotline_bridge.tasks.publish import publish_tables
from hotline_sandbox.demo.account import Account, programs_for
from tests.inbound.inbound_bridge import shown
from tests.orders.order_bridge import COMPLAINT
from tests.outbound.bridge import call
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    **dict.fromkeys(("call_log", "order_supplement", "order_urge"), "content_hash, written_at"),
    "order_deadline": "regino, deadline, written_at",
    "seat": "seatno, content_hash, gone_at IS NULL",
    **dict.fromkeys(
        ("complaint_order", "complaint_case", "case_routing", "complaint_handling", "case_extension", "case_urge"),
        "content_hash",
    ),
    **dict.fromkeys(("complaint_feedback", "case_feedback"), "content_hash"),
}
"""What the local store holds of each flow, and by which columns two states of it are compared."""
REPORTS = frozenset(interface.name for flow in ("telephony", "order") for interface in interfaces_of(flow))
PUBLISHED = ("order_status", "order_routing", "complaint_case_feedback", "feedback_exchange")


def hotline(*arguments: str, code: int | None = 0) -> str:
    """A command, as the runbook writes it; all that it says."""
    done = CliRunner().invoke(app, arguments)
    said = done.output + (str(done.exception) if done.exception else "")
    if code is not None:
        assert done.exit_code == code, said
    return said


@dataclass(frozen=True)
class Restored(City):
    """The city, with commands in place of single steps."""

    def everything(self) -> None:
        """Each flow once, as the DAGs run them."""
        self.report()
        self.again()
        for flow in ("case", "process", "feedback"):
            steps.collect([known.name for known in interfaces_of(flow) if known.kind == "query"])
        steps.drain_feedback([known.name for known in interfaces_of("feedback") if known.kind == "drain"])
        publish_tables()

    def report(self) -> None:
        """What 12345 wrote, to the platform."""
        self.run_intake()
        outbound.deliver(sorted(REPORTS))

    def run_intake(self) -> None:
        """Intake alone, as if the platform were away."""
        outbound.take_in(sorted(REPORTS))

    def handle(self, regino: str) -> None:
        """The bureau routes, decides, extends, urges, and answers."""
        names = (
            "getCaseLzmx",
            "getTsCaseLzmx",
            "getCaseApproval",
            "getCaseCb",
            "getTodoCaseFeedbackTs",
            "todocasefeedback",
        )
        self.sandbox.world.add(regino, *(shown(contract()[name]) for name in names))

    def state(self) -> dict[str, Counter[tuple[object, ...]]]:
        """What the local store holds of each flow."""
        return {
            table: Counter(map(tuple, self.local(f"SELECT {columns} FROM hotline.{table}")))  # noqa: S608  (ours)
            for table, columns in TABLES.items()
        }

    def published(self) -> dict[str, list[tuple[object, ...]]]:
        """What 12345 reads, without when it was written."""
        return {
            table: sorted(
                self.docking(f"SELECT to_jsonb(t) - 'updated_at' FROM docking.{table} AS t"),  # noqa: S608  (ours)
                key=str,
            )
            for table in PUBLISHED
        }

    def heard(self, after: int = 0) -> dict[str, list[str]]:
        """What the platform stored of each key, in its order, as hashes of contents."""
        found: dict[str, list[str]] = {}
        for record in self.sandbox.history(after=after):
            if record["accepted"] and record["interface"] in REPORTS:
                found.setdefault(str(record["key"]), []).append(record["body_sha256"])
        return found


class Backup:
    """A dump of the local store, with the options that the runbook names."""

    def __init__(self, city: City, folder: Path) -> None:
        self._programs = programs_for(folder, Account(os.geteuid(), os.getegid(), switched=False))
        self._local, self._file = city.stores.local, folder / "hotline.dump"
        self.begun = datetime.now(UTC).isoformat()
        self._run("pg_dump", "--format=custom", "--schema=hotline", "--schema=analytics", f"--file={self._file}")

    def restore(self) -> None:
        """In the place of what stands."""
        self._run("psql", "--quiet", "--command=DROP SCHEMA hotline, analytics CASCADE")
        self._run("pg_restore", "--clean", "--if-exists", "--single-transaction", str(self._file))

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), f"--dbname={self._local}", *options]
        done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


DAY = DAYS[1]


def write_before(city: Restored) -> None:
    """What the backup knows: some of it sent, some waiting, some being sent."""
    city.write(*(call(number) for number in range(1, 4)))
    for number in ("A0", "A2"):
        city.take(number, DAY)
    city.report()
    city.handle("A0")
    city.everything()
    city.write(call(6, callno="111"), call(7, callno="111"))
    city.take("A1", DAY, complacontent="第一次")
    city.take("A8", DAY, complacontent="第一次")
    city.run_intake()
    city.local(
        "UPDATE hotline.delivery SET rounds = 1, claimed_by = gen_random_uuid(), claimed_until = now()"
        " + interval '1 minute' WHERE key IN ('A8', %s)",
        call(7)["callid"],
    )


def write_after(city: Restored) -> None:
    """What the backup does not know: all of it carried, but for the last two orders."""
    city.time_passes()
    city.report()
    city.docking("UPDATE docking.call_log SET callno = '222' WHERE callno = '111'")
    city.docking("UPDATE docking.complaint_order SET complacontent = '更正' WHERE regino IN ('A1', 'A8')")
    city.write(*(call(number) for number in range(10, 13)), call(20, callno=None))
    city.take("A3", DAY)
    city.take("A4", DAY)
    city.report()
    city.note("order_supplement", supplementid="S2", regino="A2", supplementtime="", content="又打来一次")
    city.note("order_supplement", supplementid="S3", regino="A3", supplementtime="", content="补充")
    city.note("order_urge", urgeid="U1", regino="A3", urgetime="", urger="市民", remark="催")
    city.note("order_deadline", regino="A3", deadline="2026-12-24 12:00:00")
    city.note("seat", seatno="77", seatname="某", sourcearea="440203", unitcode="1", enabled="1")
    with connect(city.stores.local) as local:
        complete(local, contract()[COMPLAINT], "A4", values={"goodsname": "电热水壶"}, actor="某人")
    city.handle("A2")
    city.everything()
    city.take("A5", DAY)
    city.run_intake()
    city.take("A6", DAY)
