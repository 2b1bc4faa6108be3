"""Run in a process of its own, on a copy of the project with two further interfaces: a row each, there and back.

Arguments: connection strings of two empty databases, the docking store and the local one. It prints what went wrong as
a traceback, or `carried`.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import psycopg
import uvloop

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, names_of
from hotline_bridge.docking.create import create_docking
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.outbound.deliver import deliver
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.status import log_status
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from hotline_sandbox.server.world.orders import Order, Shown

NOTICE = {
    "noticeid": "440203N1",
    "callid": "440203000001",
    "sourcearea": "440203",
    "noticetime": "20261123080000",
    "noticetext": "已受理",
}
VISIT = {"visitor": "李四", "visittime": "2026-11-24 10:00:00", "result": "1", "remark": "满意"}
YESTERDAY = datetime.now(SHANGHAI) - timedelta(days=1)


def main(docking_conninfo: str, local_conninfo: str) -> None:
    report, query = contract()["noticelog"], contract()["getCaseVisit"]
    assert report.name in names_of("telephony", "report")
    assert query.name in names_of("process", "query")
    create_docking(docking_conninfo)
    migrate_local(local_conninfo)
    assert read_differences(local_conninfo) == []
    with connect(docking_conninfo) as docking, connect(local_conninfo) as local:
        columns = ", ".join(NOTICE)
        statement = f"INSERT INTO docking.notice_log ({columns}) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608  (its own)
        docking.execute(statement.encode(), [*NOTICE.values()])
        with running_sandbox() as sandbox:
            platform = PlatformSettings(base_url=sandbox.base_url, app_id=DEFAULT_APP_ID, token=DEFAULT_TOKEN)
            take_in(docking, local, report)
            uvloop.run(deliver([report], local_conninfo, platform, budget_s=60))
            assert [call["key"] for call in sandbox.history() if call["accepted"]] == [NOTICE["noticeid"]]
            assert log_status(docking, local, report).adds_up

            shown = Shown(table=str(query.table), row=VISIT)
            sandbox.world.put(Order(regino="R1", registered=f"{YESTERDAY:%Y%m%d%H%M%S}", rows=(shown,)))
            uvloop.run(
                collect(
                    [query],
                    local_conninfo,
                    platform,
                    policy=REFRESH_POLICY,
                    collect_from=YESTERDAY - timedelta(hours=1),
                    within=None,
                    budget_s=60,
                )
            )
        assert _rows(local, "SELECT noticeid, noticetext FROM hotline.notice_log") == [("440203N1", "已受理")]
        assert _rows(local, "SELECT bh, visitor, result FROM hotline.case_visit") == [("R1", "李四", "1")]
        assert _rows(local, "SELECT origin FROM hotline.order_records('R1')") == [("case_visit",)]
        assert _rows(local, "SELECT value FROM hotline.order_person WHERE regino = 'R1'") == [("李四",)]
    sys.stdout.write("carried\n")


def _rows(local: psycopg.Connection, query: str) -> list[tuple[object, ...]]:
    return local.execute(query.encode()).fetchall()


if __name__ == "__main__":
    main(*sys.argv[1:])
