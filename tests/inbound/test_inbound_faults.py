"""Whatever the platform answers: windows stay due, nothing changes, nothing personal is said (F09 to F16, F38)."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.fetch import Answer, WindowFetcher
from hotline_bridge.inbound.moments import digits, seconds
from hotline_bridge.inbound.rows import Rows
from hotline_sandbox.server.world.orders import Shown
from tests.inbound.inbound_bridge import (
    COMPLAINTS,
    FEEDBACK,
    REPAIR,
    START,
    STEPS,
    by_order,
    moment,
    order,
    shown,
)

if TYPE_CHECKING:
    from hotline_bridge.inbound.windows import Window
    from tests.inbound.inbound_bridge import Inbound

ROUTING = contract()["getCaseLzmx"]
HOUR, DAY = 3600, 86_400
NAME, NUMBER = "甄隐名", "13800138000"
BROKEN: list[dict[str, Any]] = [
    {"kind": "hang"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 3600},
    {"kind": "status", "status": 404},
    {"kind": "status", "status": 400, "echo": True},
    {"kind": "html"},
    {"kind": "empty"},
    {"kind": "redirect"},
    {"kind": "truncated"},
    {"kind": "garbage"},
    {"kind": "charset"},
    {"kind": "drip", "seconds": 1},
    {"kind": "code", "code": "9999", "msg": f"电话 {NUMBER}", "echo": True},
    {"kind": "code", "code": "x" * 500, "msg": "坏\u0000\u202e" * 300},
    *({"kind": "malformed", "variant": variant} for variant in ("null", "list", "cut", "bom", "two_documents", "nan")),
    {"kind": "malformed", "variant": "duplicate_keys"},
    {"kind": "data", "form": "object"},
]


@pytest.fixture
def held(inbound: Inbound) -> Inbound:
    """One order with its personal data is here already, and its window is due again."""
    row = shown(COMPLAINTS, proname=NAME, protel=NUMBER)
    inbound.sandbox.world.put(order("R1", 10, row), order("R2", 20))
    inbound.one()
    inbound.again()
    return inbound.with_settings(timeout_s=0.3, tries=2)


@pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: "-".join(map(str, fault.values()))[:40])
def test_no_usable_answer_changes_nothing(
    held: Inbound, fault: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    before = held.local("SELECT * FROM hotline.complaint_case ORDER BY row_id")
    held.sandbox.set_faults([{**fault, "interface": COMPLAINTS.name}])
    with caplog.at_level(logging.DEBUG):
        done = held.one()
    assert (done.failed, done.added, done.replaced, done.missing) == (1, 0, 0, 0)
    assert held.local("SELECT * FROM hotline.complaint_case ORDER BY row_id") == before
    due = held.local(
        "SELECT retry_at BETWEEN now() + '4 minutes' AND now() + '6 minutes', due_at < now() - '1 hour'::interval,"
        " due_because, message FROM hotline.collection_window WHERE begins = to_timestamp(%s)",
        START,
    )
    ((is_soon, is_still_due, because, message),) = due
    assert (is_soon, is_still_due, because) == (True, True, "failed")
    assert message
    logged = str(held.local("SELECT * FROM hotline.interaction_log"))
    for personal in (NAME, NUMBER):
        assert personal not in f"{message}{caplog.text}{logged}"

    held.sandbox.clear_faults()
    held.again()
    assert held.one().failed == 0
    assert held.hashes(COMPLAINTS) == by_order(COMPLAINTS, held.sandbox.world.rows(COMPLAINTS.name))


@pytest.mark.parametrize("form", ["absent", "null"])
def test_no_data_is_an_empty_answer_that_deletes_nothing(held: Inbound, form: str) -> None:
    held.sandbox.set_faults([{"kind": "data", "form": form}])
    done = held.one()
    assert (done.failed, done.missing, done.replaced) == (0, 2, 0)
    assert len(held.hashes(COMPLAINTS)) == 2
    held.sandbox.clear_faults()
    held.again()
    held.one()
    assert held.local("SELECT 1 FROM hotline.complaint_case WHERE missing_since IS NOT NULL") == []


def test_a_failed_first_visit_is_failed_and_then_settled(inbound: Inbound) -> None:
    inbound = inbound.with_settings(tries=1)
    inbound.sandbox.set_faults([{"kind": "status", "status": 502}])
    inbound.one((0, 100))
    assert (0, 100, "failed") in inbound.windows()

    def asked() -> int:
        return sum(str(call["key"]).startswith(digits(START)) for call in inbound.sandbox.history())

    calls = asked()
    inbound.one()
    assert asked() == calls > 0, "not again before it may be"
    inbound.sandbox.clear_faults()
    inbound.again()
    inbound.one((0, 100))
    assert {state for _, end, state in inbound.windows() if end <= 100} == {"settled"}


def test_a_row_that_spoils_each_answer_hides_less_and_less_beside_it(
    inbound: Inbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, orders = 960, range(0, 3600, 60)
    inbound.sandbox.world.put(*(order(f"R{second}", second) for second in orders))
    asked = WindowFetcher.ask

    async def spoiled(self: WindowFetcher, window: Window, exactly: tuple[int, int] | None = None) -> Answer:
        answer = await asked(self, window, exactly)
        begin, end = exactly or (window.begin, window.end)
        is_spoiled = begin <= seconds(moment(bad)) <= end
        return replace(answer, rows=Rows(), content=b"", problem="no rows") if is_spoiled else answer

    monkeypatch.setattr(WindowFetcher, "ask", spoiled)
    missing = []
    inbound.one((0, 3600))
    for _ in range(6):
        inbound.again()
        assert inbound.one().failed == 1
        missing.append(len(orders) - len(inbound.hashes(COMPLAINTS)))
    assert missing == sorted(missing, reverse=True)
    assert missing[-1] == 1


def test_a_refused_authentication_stops_the_run(inbound: Inbound) -> None:
    inbound = inbound.of(COMPLAINTS, STEPS)
    inbound.sandbox.set_faults([{"kind": "unauthorized"}])
    with pytest.raises(StopRun, match="correct login, password"):
        inbound.collect()
    assert len(inbound.sandbox.history()) <= 2, "at most one request an interface"
    with pytest.raises(StopRun, match="correct login, password"):
        inbound.of(FEEDBACK).drain()


def test_a_dead_platform_ends_the_run_by_the_breaker(inbound: Inbound) -> None:
    inbound = inbound.of(COMPLAINTS, STEPS, ROUTING).with_settings(breaker_failures=3, tries=2)
    inbound.sandbox.set_faults([{"kind": "reset_before"}])
    for day in range(20):
        inbound.sandbox.world.put(order(f"R{day}", day))
    done = inbound.collect((-400 * DAY, 0))
    assert sum(count.requests for count in done.values()) <= 6
    assert all(count.left_s > 0 for count in done.values())
    dead = inbound.with_settings(base_url="http://127.0.0.1:9")
    assert sum(count.requests for count in dead.collect((-400 * DAY, 0)).values()) <= 6
    inbound.sandbox.clear_faults()
    whole = inbound.of(STEPS).one()
    assert whole.failed == 0


def test_a_refused_window_is_asked_in_halves_when_the_others_are_done(inbound: Inbound) -> None:
    """1004: longer than the platform takes, or whatever it does not like about this one."""
    for day in range(-30, 0):
        inbound.sandbox.world.put(order(f"R{-day:02}", day * DAY))
    inbound.one((-30 * DAY - 5, -23 * DAY - 5))
    key = str(inbound.sandbox.history(interface=COMPLAINTS.name)[-1]["key"])
    inbound.local("DELETE FROM hotline.collection_window")
    inbound.local("DELETE FROM hotline.complaint_case")
    fault: dict[str, object] = {
        "kind": "code",
        "code": "1004",
        "msg": "时间窗不符",
        "interface": COMPLAINTS.name,
        "key": key,
    }
    inbound.sandbox.set_faults([fault])
    done = inbound.one((-30 * DAY - 5, 0))
    assert (done.unanswered, done.failed, done.added) == (1, 0, 30)
    assert {state for _, end, state in inbound.windows() if end <= 0} == {"settled"}


def test_a_drain_that_fails_is_left_for_the_next_run(inbound: Inbound) -> None:
    inbound = inbound.of(FEEDBACK).with_settings(timeout_s=0.3, tries=1)
    inbound.sandbox.world.put(order("R1", 10, shown(FEEDBACK)))
    for fault in BROKEN:
        inbound.sandbox.set_faults([{**fault, "interface": FEEDBACK.name}])
        done = inbound.drain()[FEEDBACK.name]
        assert (done.failed, done.added, done.acknowledged) == (1, 0, 0), fault
    inbound.sandbox.clear_faults()
    assert inbound.drain()[FEEDBACK.name].acknowledged == 1


# Bad rows among good ones


BAD_STEP = {"id": "x" * 33}


def test_a_bad_row_is_kept_as_it_came_and_released_when_it_is_mended(inbound: Inbound) -> None:
    inbound = inbound.of(STEPS)
    world, table = inbound.sandbox.world, str(STEPS.table)
    good, bad = shown(STEPS, id="1"), shown(STEPS, remark="\u0000\ud83d " + NAME, more={"a": [1, None]})
    world.put(order("R1", 10, good, bad), order("R2", 10, good))
    done = inbound.one()
    assert (done.added, done.quarantined) == (2, 1)
    ((key, reasons, raw),) = inbound.quarantined()
    assert (key, reasons) == ("R1", ["remark:type"])
    assert json.loads(raw) == {"bh": "R1", **bad.row}

    # Other rows of the order do not vanish, as nothing says that they have; its new ones come.
    world.replace("R1", table, shown(STEPS, id="2"), bad)
    inbound.again()
    assert (inbound.one().replaced, len(inbound.hashes(STEPS)["R1"])) == (0, 2)

    # Another mistake takes the place of the first.
    world.replace("R1", table, shown(STEPS, **BAD_STEP))
    inbound.again()
    inbound.one()
    assert [(key, reasons) for key, reasons, _ in inbound.quarantined()] == [("R1", ["id:length"])]
    assert len(inbound.quarantined("replaced")) == 1
    assert inbound.local("SELECT 1 FROM hotline.complaint_handling WHERE missing_since IS NOT NULL") == []

    world.replace("R1", table, shown(STEPS, id="3"))
    inbound.again()
    assert inbound.one().replaced == 2
    assert inbound.quarantined() == []
    assert inbound.hashes(STEPS) == by_order(STEPS, world.rows(STEPS.name))

    world.replace("R1", table, bad)
    inbound.again()
    inbound.one()
    assert [reasons for _, reasons, _ in inbound.quarantined()] == [["remark:type"]], "the same mistake is open again"


def test_what_staff_discarded_stays_discarded(inbound: Inbound) -> None:
    inbound = inbound.of(STEPS)
    inbound.sandbox.world.put(order("R1", 10, shown(STEPS, **BAD_STEP)))
    inbound.one()
    inbound.local("UPDATE hotline.quarantined_answer SET state = 'discarded'")
    inbound.again()
    inbound.one()
    assert (inbound.quarantined(), len(inbound.quarantined("discarded"))) == ([], 1)


def test_bad_feedback_is_acknowledged_and_released_by_the_repair(inbound: Inbound) -> None:
    inbound = inbound.of(FEEDBACK, REPAIR)
    bad = shown(FEEDBACK, agent="x" * 51)
    inbound.sandbox.world.put(order("R1", 10, bad, shown(FEEDBACK)))
    done = inbound.drain()[FEEDBACK.name]
    assert (done.rows, done.added, done.quarantined, done.acknowledged) == (2, 1, 1, 1)
    assert inbound.sandbox.world.rows(FEEDBACK.name) == []
    inbound.collect()
    assert [key for key, *_ in inbound.quarantined()] == ["R1", "R1"], "by drain and by query"
    inbound.sandbox.world.replace("R1", str(FEEDBACK.table), shown(FEEDBACK), shown(FEEDBACK, agent="更正"))
    inbound.again()
    inbound.collect()
    assert inbound.quarantined() == []
    assert len(inbound.hashes(FEEDBACK)["R1"]) == 2


def test_texts_arrive_byte_equal(inbound: Inbound) -> None:
    inbound = inbound.of(STEPS)
    texts = [
        "\r\n\t 诉求\u00a0",
        "\\N",
        "NULL",
        "null",
        "{{ 7*7 }}{% x %}",
        "'; DROP TABLE hotline.case_routing;--",
        "%s %(a)s",
    ]
    texts += [
        "😀👨‍👩‍👧 𠮷𬱖",
        "\u202e\ufeff\u200b",
        "\x1b[31m",
        "a\tb\\t",
        '{"a": "b"}',
        "=cmd|' /C calc'!A0",
        "x" * 3000,
        "长" * 3000,
    ]
    inbound.sandbox.world.put(*(order(f"R{n:02}", n, shown(STEPS, remark=text)) for n, text in enumerate(texts)))
    assert inbound.one().quarantined == 0
    assert [text for (text,) in inbound.local("SELECT remark FROM hotline.complaint_handling ORDER BY bh")] == texts


def test_orders_are_found_again_however_their_number_is_spelled(inbound: Inbound) -> None:
    inbound = inbound.of(STEPS)
    numbers = ["NULL", 'a"b', "a\\b", '\\"', "a,b", "{a}", "{}", '""', "a b", " a", "长\t😀", "a\nb", "'"]
    inbound.sandbox.world.put(*(order(number, 10, shown(STEPS)) for number in numbers))
    assert inbound.one().added == len(numbers)
    inbound.again()
    done = inbound.one()
    assert (done.rows, done.added, done.replaced, done.missing) == (len(numbers), 0, 0, 0)
    inbound.sandbox.world.remove(numbers[1])
    inbound.again()
    assert inbound.one().missing == 1


def test_times_arrive_as_moments_of_shanghai(inbound: Inbound) -> None:
    inbound = inbound.of(ROUTING)
    row = shown(ROUTING, zcdate="2026-08-01 00:30:00", ccdate="19860504023000", pcdate="0001-01-01 00:00:00")
    inbound.sandbox.world.put(order("R1", 10, Shown(table=row.table, row={**row.row, "deadline": "99991231"})))
    assert inbound.one().quarantined == 0
    ((zcdate, deadline),) = inbound.local("SELECT zcdate AT TIME ZONE 'UTC', deadline FROM hotline.case_routing")
    assert (str(zcdate), str(deadline)) == ("2026-07-31 16:30:00", "9999-12-31")


def test_an_unknown_field_is_told_and_counted_and_its_name_is_no_leak(
    inbound: Inbound, caplog: pytest.LogCaptureFixture
) -> None:
    inbound.sandbox.world.put(order("R1", 10, shown(COMPLAINTS, newField="x", **{NAME: NUMBER})))
    with caplog.at_level(logging.WARNING):
        assert inbound.one().unknown_fields == 2
    assert "newField" in caplog.text
    assert NAME not in caplog.text
    ((answer,),) = inbound.local("SELECT answer FROM hotline.landing")
    assert NUMBER in bytes(answer).decode()


def test_a_broken_store_is_said_without_the_row(fresh: Inbound) -> None:
    fresh.sandbox.world.put(order("R1", 10, shown(COMPLAINTS, proname=NAME)))
    fresh.local("ALTER TABLE hotline.complaint_case RENAME COLUMN proname TO renamed")
    with pytest.raises(StopRun) as error:
        fresh.one()
    assert NAME not in str(error.value) + repr(error.value.__cause__)
    assert fresh.local("SELECT count(*) FROM hotline.landing") == [(0,)], "all of an answer or nothing"
    assert {state for *_, state in fresh.windows()} == {"open"}


def test_what_the_platform_no_longer_shows_is_reported_and_comes_back(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("R1", 10), order("R2", HOUR))
    inbound.one()
    inbound.sandbox.world.remove("R1")
    for missing in (1, 0):
        inbound.again()
        assert inbound.one().missing == missing, "told once"
    ((gone,),) = inbound.local("SELECT regino FROM hotline.complaint_case WHERE missing_since IS NOT NULL")
    assert gone == "R1"
    inbound.sandbox.world.put(order("R1", 10))
    inbound.again()
    inbound.one()
    assert inbound.local("SELECT 1 FROM hotline.complaint_case WHERE missing_since IS NOT NULL") == []


def test_two_urges_and_two_equal_rows_of_one_order(inbound: Inbound) -> None:
    urges = contract()["getCaseCb"]
    inbound = inbound.of(urges)
    rows = [shown(urges, cbmemo="一"), shown(urges, cbmemo="二"), shown(urges, cbmemo="二")]
    inbound.sandbox.world.put(order("R1", 10, *rows))
    inbound.one()
    assert len(inbound.hashes(urges)["R1"]) == 2
