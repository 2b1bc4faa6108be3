"""Columns that the bridge does not carry belong to whoever fills them in: no publish empties or removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.docking import docking_tables
from tests.publish.publish_bridge import JB, ZX, PublishBridge, fill

if TYPE_CHECKING:
    from psycopg.abc import Query

MOMENT = "2026-11-03 09:00:00+08"


def others(bridge: PublishBridge, table: str, regino: str = "R1") -> dict[str, object]:
    """What stands in the columns that the bridge does not carry."""
    [row] = [row for row in bridge.rows(table) if row["regino"] == regino]
    return {name: row[name] for name in docking_tables()[table].not_carried}


def fill_in(bridge: PublishBridge, table: str) -> dict[str, object]:
    """What the big-data exchange does, in a row that is there."""
    values = {
        column.name: MOMENT if column.type == "timestamptz" else f"by others: {column.zh}"
        for column in docking_tables()[table].columns
        if not column.carried
    }
    assignments = ", ".join(f"{name} = %s" for name in values)
    statement: Query = f"UPDATE docking.{table} SET {assignments}".encode()  # noqa: S608  (names of ours)
    assert bridge.docking.execute(statement, list(values.values())).rowcount
    return others(bridge, table)


def finish(bridge: PublishBridge) -> None:
    """One order with a row in every table that has columns which the bridge does not carry."""
    fill(bridge)
    bridge.version("R1", "delivered", interface=JB)
    bridge.version("R1", "delivered", interface=ZX)
    bridge.local.execute(
        "INSERT INTO hotline.handling_meaning VALUES ('complaint', '1', 'accepted', 'test', '2026-11-01')"
    )
    bridge.answer("complaint_handling", bh="R1", id="1", slflag="1", remark="属于职责", fqr="张三")
    bridge.answer("report_feedback", odrno="R1", investresult="无照经营")
    bridge.answer("consultation_feedback", odrno="R1", dealresult="已答复")


def test_columns_that_no_interface_carries_are_marked() -> None:
    assert {name: table.not_carried for name, table in docking_tables().items() if table.not_carried} == {
        "acceptance_filing": ("refusalreason", "refusaltime", "accepttime", "filingtime"),
        "complaint_case_feedback": ("infringementkind", "unfulfilled", "fraudmark"),
        "report_case_feedback": ("casevalue", "fines"),
        "consultation_feedback": ("handletime",),
        "object_info": ("quantity",),
    }


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("acceptance_filing", "UPDATE hotline.complaint_handling SET remark = '改', loaded_at = now()"),
        ("complaint_case_feedback", "UPDATE hotline.complaint_feedback SET dealresult = '改', loaded_at = now()"),
        ("report_case_feedback", "UPDATE hotline.report_feedback SET investresult = '改', loaded_at = now()"),
        ("consultation_feedback", "UPDATE hotline.consultation_feedback SET dealresult = '改', loaded_at = now()"),
        ("object_info", "UPDATE hotline.complaint_case SET goodsname = '改', loaded_at = now()"),
    ],
)
def test_what_others_filled_in_survives_every_publish(bridge: PublishBridge, table: str, change: str) -> None:
    finish(bridge)
    bridge.run()
    assert set(others(bridge, table).values()) == {None}
    filled = fill_in(bridge, table)
    assert bridge.run(whole=True)[table].written == 0
    bridge.local.execute(change.encode())
    assert bridge.run()[table].written == 1
    assert others(bridge, table) == filled
    assert "改" in bridge.rows(table)[0].values()


def test_a_row_that_others_put_first_is_completed(bridge: PublishBridge) -> None:
    bridge.docking.execute("INSERT INTO docking.complaint_case_feedback (regino, fraudmark) VALUES ('R1', '1')")
    fill(bridge)
    bridge.run()
    [row] = bridge.rows("complaint_case_feedback")
    assert (row["fraudmark"], row["mediationresult"]) == ("1", "调解成功")


def test_a_row_that_should_not_be_there_loses_what_the_bridge_wrote_alone(bridge: PublishBridge) -> None:
    finish(bridge)
    bridge.run()
    filled = fill_in(bridge, "acceptance_filing")
    bridge.local.execute("UPDATE hotline.handling_meaning SET meaning = 'other'")
    assert bridge.run(whole=True)["acceptance_filing"].removed == 1
    [row] = bridge.rows("acceptance_filing")
    assert {name: value for name, value in row.items() if value is not None} == {"regino": "R1", **filled}
    assert bridge.run(whole=True)["acceptance_filing"].removed == 0
    emptied = ", ".join(f"{name} = NULL" for name in filled)
    bridge.docking.execute(f"UPDATE docking.acceptance_filing SET {emptied}".encode())  # noqa: S608  (names of ours)
    assert bridge.run(whole=True)["acceptance_filing"].removed == 1
    assert bridge.rows("acceptance_filing") == []


def test_columns_that_12345_added_stay_as_they_are(bridge: PublishBridge) -> None:
    fill(bridge)
    bridge.run()
    bridge.docking.execute("ALTER TABLE docking.complaint_case_feedback ADD read_at timestamptz")
    bridge.docking.execute("UPDATE docking.complaint_case_feedback SET read_at = now()")
    bridge.local.execute("UPDATE hotline.complaint_feedback SET dealresult = '改', loaded_at = now()")
    assert bridge.run()["complaint_case_feedback"].written == 1
    found = bridge.docking.execute("SELECT read_at IS NOT NULL FROM docking.complaint_case_feedback").fetchall()
    assert found == [(True,)]
