"""Section by section: what the specification says that 12345 is to read is what it reads, and of which orders."""

from __future__ import annotations

from typing import Any

import pytest

from tests.publish.publish_bridge import JB, TS, ZX, PublishBridge

MEANINGS = {"a": "accepted", "r": "refused", "f": "filed", "n": "not_filed"}
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("refusalreason", "refusalnote", "refusaltime")),
    **dict.fromkeys(("acceptnote", "acceptor", "accepttime", "filingnote", "filinghandler", "filingtime")),
}


@pytest.fixture
def filing(bridge: PublishBridge) -> PublishBridge:
    """A deployment that knows what the steps' codes mean."""
    for kind in ("complaint", "report"):
        for slflag, meaning in MEANINGS.items():
            bridge.local.execute(
                "INSERT INTO hotline.handling_meaning VALUES (%s, %s, %s, 'test', '2026-11-01')",
                [kind, slflag, meaning],
            )
    return bridge


def step(bridge: PublishBridge, kind: str, slflag: str, day: int, regino: str = "R1", **more: Any) -> None:
    bridge.answer(
        f"{kind}_handling",
        bh=regino,
        id=f"{slflag}{day}",
        slflag=slflag,
        requested_at=f"2026-11-{day:02} 08:00+08",
        **{"fqr": f"办理人{day}", "remark": f"说明{day}", **more},
    )


@pytest.mark.parametrize(("kind", "interface"), [("complaint", TS), ("report", JB)])
def test_4_2_9_an_order_that_is_not_accepted(filing: PublishBridge, kind: str, interface: str) -> None:
    filing.version("R1", "delivered", interface=interface)
    step(filing, kind, "r", 3)
    filing.run()
    assert filing.rows("acceptance_filing") == [{"regino": "R1", "state": "refused", **NOTHING, "refusalnote": "说明3"}]


def test_4_2_10_and_4_2_11_an_order_that_is_accepted_and_then_filed(filing: PublishBridge) -> None:
    filing.version("R1", "delivered", interface=JB)
    step(filing, "report", "a", 3)
    filing.run()
    accepted = {"acceptnote": "说明3", "acceptor": "办理人3"}
    assert filing.rows("acceptance_filing") == [{"regino": "R1", "state": "accepted", **NOTHING, **accepted}]
    step(filing, "report", "f", 9)
    step(filing, "report", "unknown", 10)
    filing.run()
    filed = {"filingnote": "说明9", "filinghandler": "办理人9"}
    assert filing.rows("acceptance_filing") == [{"regino": "R1", "state": "filed", **NOTHING, **accepted, **filed}]


def test_4_2_9_to_4_2_11_the_newest_step_of_a_meaning_counts_and_steps_without_a_decision_say_nothing(
    filing: PublishBridge,
) -> None:
    filing.version("R1", "delivered")
    filing.version("R2", "delivered")
    step(filing, "complaint", "r", 3)
    step(filing, "complaint", "a", 5)
    step(filing, "complaint", "a", 4)
    step(filing, "complaint", "n", 6, "R2")
    filing.run()
    [row] = filing.rows("acceptance_filing")
    assert (row["state"], row["acceptor"], row["refusalnote"]) == ("accepted", "办理人5", "说明3")


def test_4_2_12_and_4_2_13_a_complaint_and_a_report_that_are_finished(bridge: PublishBridge) -> None:
    for regino, interface in (("T1", TS), ("J1", JB)):
        bridge.version(regino, "delivered", interface=interface)
    people = {"agent": "经办", "feedbackregister": "反馈人", "agenttel": "0751-1"}
    bridge.answer("complaint_feedback", odrno="T1", dealresult="调解成功", **people)
    bridge.answer("report_feedback", odrno="J1", investresult="虚假宣传", **people)
    bridge.run()
    shown = {"handler": "经办", "passedby": "反馈人", "agenttel": "0751-1"}
    assert bridge.rows("complaint_case_feedback") == [
        {
            **{"regino": "T1", **shown, "mediationresult": "调解成功"},
            **{"infringementkind": None, "unfulfilled": None, "fraudmark": None},
        }
    ]
    assert bridge.rows("report_case_feedback") == [
        {"regino": "J1", **shown, "suspectedact": "虚假宣传", "casevalue": None, "fines": None}
    ]


def test_4_2_14_a_consultation_that_was_answered_later(bridge: PublishBridge) -> None:
    bridge.version("Z1", "delivered", interface=ZX)
    bridge.answer("consultation_feedback", odrno="Z1", agent="经办", agenttel="0751-2", dealresult="请到政务大厅办理")
    bridge.run()
    assert bridge.rows("consultation_feedback") == [
        {
            **{"regino": "Z1", "handler": "经办", "handlertel": "0751-2"},
            **{"handletime": None, "replycontent": "请到政务大厅办理"},
        }
    ]


def test_4_2_15_to_4_2_17_subject_object_and_content_of_a_complaint_and_a_report(bridge: PublishBridge) -> None:
    subject = {"invopart": "某公司", "invoptaddr": "某路 1 号", "invopttel": "0751-3", "induscatgri": "零售"}
    goods = {"goodsname": "手机", "goodsobtype": "1001", "brandname": "某牌", "orderno": "D9"}
    case = {**subject, **goods, "appltype": "0101"}
    for regino, interface, kind, salesway in (("J1", JB, "report", "2"), ("T1", TS, "complaint", "1")):
        bridge.version(regino, "delivered", interface=interface)
        more = {"applcontent": "退款"} if kind == "complaint" else {}
        bridge.answer(f"{kind}_case", regino=regino, salesway=salesway, **case, **more)
        bridge.answer(f"{kind}_feedback", odrno=regino)
    bridge.run()
    assert bridge.rows("subject_info") == [{"regino": regino, **subject} for regino in ("J1", "T1")]
    assert bridge.rows("object_info") == [
        {"regino": regino, **goods, "online": online, "quantity": None} for regino, online in (("J1", "0"), ("T1", "1"))
    ]
    assert bridge.rows("complaint_content") == [
        {"regino": "T1", "appltype": "0101", "salesway": "1", "applcontent": "退款"}
    ]
    assert bridge.rows("report_violation_content") == [
        {"regino": "J1", "appltype": "0101", "salesway": "2", "goodsobtype": "1001"}
    ]


@pytest.mark.parametrize("kind", ["complaint_feedback", "report_feedback", "consultation_feedback", "case_feedback"])
def test_any_feedback_finishes_an_order(bridge: PublishBridge, kind: str) -> None:
    bridge.version("R1", "delivered")
    bridge.answer("complaint_case", regino="R1", goodsname="手机")
    bridge.run()
    assert bridge.rows("object_info") == []
    bridge.answer(kind, **{"region" if kind == "case_feedback" else "odrno": "R1"})
    bridge.run()
    assert [row["goodsname"] for row in bridge.rows("object_info")] == ["手机"]


def test_4_1_2_every_result_with_its_time_and_a_changed_one_in_its_place(bridge: PublishBridge) -> None:
    bridge.version("R1", "delivered")
    for day, content in ((1, "初查"), (9, "办结")):
        bridge.answer("case_feedback", region="R1", feetime=f"2026-11-{day:02} 10:00+08", feedbackcontent=content)
    bridge.answer(
        *("case_feedback",),
        **{"region": "R1", "feetime": "2026-11-09 10:00+08", "feedbackcontent": "办结（更正）"},
        requested_at="tomorrow",
    )
    bridge.answer("case_feedback", region="R1", feedbackcontent="没有时间")
    bridge.run()
    assert [row["feedbackcontent"] for row in bridge.rows("feedback_exchange")] == [
        *("初查", "办结（更正）"),
        "没有时间",
    ], "what somebody let in without a time has that at which it was seen"


def test_4_5_routing_follows_the_platform(bridge: PublishBridge) -> None:
    bridge.version("R1", "delivered")
    for number, office in (("1", "一所"), ("2", "二所")):
        bridge.answer("case_routing", bh="R1", id=number, jsdept=office, deadline="2026-12-01")
    bridge.run()
    routed = bridge.rows("order_routing")
    assert [(row["id"], row["jsdept"], str(row["deadline"])) for row in routed] == [
        ("1", "一所", "2026-12-01"),
        ("2", "二所", "2026-12-01"),
    ]
    bridge.local.execute(
        "WITH gone AS (DELETE FROM hotline.case_routing WHERE id = '2' RETURNING *)"
        " INSERT INTO hotline.case_routing_history SELECT gone.*, now(), now() FROM gone"
    )
    assert bridge.run()["order_routing"].removed == 1
    assert [row["id"] for row in bridge.rows("order_routing")] == ["1"]


def test_4_2_7_and_4_2_8_a_decision_by_hand_is_published_with_the_next_run(bridge: PublishBridge) -> None:
    bridge.version("R1", "quarantined", reasons=["protel:required"])
    bridge.run()
    assert bridge.status()["R1"][0] == "failed"
    bridge.local.execute("UPDATE hotline.delivery SET taken_in_at = now() - interval '1 day'")
    bridge.local.execute("UPDATE hotline.delivery SET discarded_at = now()")
    bridge.local.execute(
        "INSERT INTO hotline.operator_action"
        " (actor, action, delivery_id, interface, key, state_before, state_after)"
        " VALUES ('somebody', 'discard', 1, %s, 'R1', 'quarantined', 'quarantined')",
        [TS],
    )
    assert bridge.run()["order_status"].removed == 1
