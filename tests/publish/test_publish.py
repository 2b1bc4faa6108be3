"""Results back to 12345: what is to be there is there, once, also after hands were in the tables."""

from __future__ import annotations

import pytest

from hotline_bridge.errors import StopRun
from hotline_bridge.publish import OF_ORDERS, PublishCounts
from tests.publish.publish_bridge import TS, ZX, PublishBridge, fill


@pytest.mark.edge
def test_status_of_an_order(bridge: PublishBridge) -> None:
    bridge.version("WAITS", "waiting")
    bridge.version("HELD", "held")
    bridge.version("GOOD", "delivered")
    bridge.version("NO", "rejected", message="编号已存在")
    bridge.version("BAD", "quarantined", reasons=["regino:length", "protel:required"])
    bridge.version("LATER", "rejected", message="忙")
    bridge.version("LATER", "delivered", minute=1)
    bridge.version("CORRECTED", "delivered")
    bridge.version("CORRECTED", "rejected", minute=1, message="忙")
    bridge.version("CONSULT", "delivered", interface=ZX)
    bridge.run()
    status = bridge.status()
    assert status.keys() == {"GOOD", "NO", "BAD", "LATER", "CORRECTED", "CONSULT"}
    assert status["GOOD"] == status["LATER"] == status["CONSULT"] == ("received", None)
    assert status["NO"] == ("failed", "编号已存在")
    assert status["BAD"][0] == "failed"
    assert "超过规定长度" in str(status["BAD"][1])
    assert "必填项为空" in str(status["BAD"][1])
    assert status["CORRECTED"] == ("received", "更正未被接收：忙")


@pytest.mark.edge
def test_every_result_of_an_order_arrives(bridge: PublishBridge) -> None:
    fill(bridge)
    counts = bridge.run()
    assert bridge.rows("complaint_case_feedback")[0]["mediationresult"] == "调解成功"
    assert bridge.rows("feedback_exchange")[0]["feedbackcontent"] == "已办结"
    assert [row["jsdept"] for row in bridge.rows("order_routing")] == ["一所", "二所"]
    assert bridge.rows("subject_info")[0]["invopart"] == "某公司"
    assert (bridge.rows("object_info")[0]["goodsname"], bridge.rows("object_info")[0]["online"]) == ("手机", "1")
    assert bridge.rows("complaint_content")[0]["applcontent"] == "退款"
    assert (bridge.rows("order_return")[0]["handdept"], bridge.rows("order_return")[0]["origin"]) == (
        "审核科",
        "platform",
    )
    assert counts["order_routing"] == PublishCounts(desired=2, written=2)
    again = bridge.run(whole=True)
    assert {table: done.written + done.removed for table, done in again.items()} == dict.fromkeys(again, 0)


def test_orders_that_did_not_come_by_telephone_do_not_go_back(bridge: PublishBridge) -> None:
    bridge.answer("complaint_feedback", odrno="NETWORK", dealresult="已办")
    bridge.answer("case_routing", bh="NETWORK", id="1")
    bridge.run()
    assert all(bridge.rows(table) == [] for table in OF_ORDERS)


def test_what_is_not_finished_gives_no_contents(bridge: PublishBridge) -> None:
    bridge.version("R1", "delivered")
    bridge.answer("complaint_case", regino="R1", goodsname="手机")
    bridge.run()
    assert bridge.rows("object_info") == bridge.rows("complaint_content") == []


def test_a_return_by_the_bureau_and_its_end(bridge: PublishBridge) -> None:
    bridge.version("R1", "held")
    decide = (
        "INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)"
        " VALUES (%s, 'R1', '', %s, '一科', '审核人', '不属市场监管')"
    )
    bridge.local.execute(decide, [TS, "return"])
    bridge.run()
    assert (bridge.rows("order_return")[0]["origin"], bridge.rows("order_return")[0]["agent"]) == ("bureau", "审核人")
    bridge.local.execute(decide, [TS, "pass"])
    assert bridge.run()["order_return"].removed == 1
    assert bridge.rows("order_return") == []


def test_only_what_differs_is_written(bridge: PublishBridge) -> None:
    for number in range(20):
        fill(bridge, f"R{number:02}")
    bridge.run()
    before = bridge.docking.execute("SELECT regino, updated_at FROM docking.complaint_case_feedback").fetchall()
    bridge.local.execute(
        "UPDATE hotline.complaint_feedback SET dealresult = '改判', loaded_at = now() WHERE odrno = 'R07'"
    )
    counts = bridge.run()
    assert (counts["complaint_case_feedback"].written, counts["order_routing"].written) == (1, 0)
    after = dict(bridge.docking.execute("SELECT regino, updated_at FROM docking.complaint_case_feedback").fetchall())
    assert [regino for regino, moment in before if after[regino] != moment] == ["R07"]


@pytest.mark.parametrize(
    "by_hand",
    [
        "DELETE FROM docking.{}",
        "UPDATE docking.{} SET updated_at = now() - interval '1 day', regino = regino || 'x'",
    ],
)
def test_what_was_changed_by_hand_is_mended_by_a_whole_run(bridge: PublishBridge, by_hand: str) -> None:
    fill(bridge)
    bridge.run()
    tables = [table for table in OF_ORDERS if bridge.rows(table)]
    right = {table: bridge.rows(table) for table in tables}
    for table in tables:
        bridge.docking.execute(by_hand.format(table).encode())
    bridge.run(whole=True)
    for table in tables:
        assert [row for row in bridge.rows(table) if not row["regino"].endswith("x")] == right[table]


def test_an_order_is_written_whole_or_not_at_all_and_the_next_run_completes(bridge: PublishBridge) -> None:
    fill(bridge)
    bridge.docking.execute("ALTER TABLE docking.order_routing ADD CHECK (jsdept <> '二所')")
    with pytest.raises(StopRun, match="order_routing"):
        bridge.run()
    assert bridge.rows("order_routing") == []
    bridge.docking.execute("ALTER TABLE docking.order_routing DROP CONSTRAINT order_routing_jsdept_check")
    bridge.run()
    assert len(bridge.rows("order_routing")) == 2
    assert len(bridge.rows("feedback_exchange")) == 1


def test_standard_data_is_published(bridge: PublishBridge) -> None:
    bridge.local.execute(
        "INSERT INTO hotline.standard_data"
        " (category, category_zh, code, name, valid_from, valid_to, source, source_date)"
        " VALUES ('unit', '单位', '1', '旧', '2020-01-01', '2025-12-31', '', now()),"
        " ('unit', '单位', '1', '新', '2026-01-01', NULL, '', now())"
    )
    assert bridge.run()["standard_data"].written == 1
    assert [(row["category"], row["content"]) for row in bridge.rows("standard_data")] == [("单位", "新")]
    assert bridge.run()["standard_data"].written == 0
