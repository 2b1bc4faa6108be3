"""The life of an order: every event of it once, in its time, without a word of personal data, and found by indexes."""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.cli import main
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.feedback import drain
from hotline_bridge.inbound.moments import readable
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.store.sql import read_sql
from hotline_bridge.time_limits.load import load_reference
from hotline_bridge.timeline import EVENTS, duration_zh
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.faults import Fault
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.cli.test_commands import connection, hotline
from tests.orders.order_bridge import COMPLAINT, CONSULTATION, OrderBridge, order

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = "4402032026112401000001"
SECRET = "隐私"
"""Stands in every personal field of the order."""
SHOWN = {
    "getCaseLzmx": ("routed",),
    "getTsCaseLzmx": ("accepted", "step"),
    "getCaseApproval": ("extended",),
    "getCaseFeedbackTs": ("feedback",),
    "casefeedback": ("feedback",),
    "getShBtgData": ("returned",),
}
"""Which events come of the rows of a query."""


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch, orders: OrderBridge) -> OrderBridge:
    """The orders' bridge, reached by the connections of the environment."""
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", connection(orders.stores.docking))
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", connection(orders.stores.local))
    use_platform(monkeypatch, orders)
    load_reference(orders.stores.local)
    return orders


def use_platform(monkeypatch: pytest.MonkeyPatch, orders: OrderBridge, **extras: object) -> None:
    text = platform_connection(orders.sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, **extras)
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", text)


def told(regino: str = NUMBER) -> list[dict[str, Any]]:
    """What `hotline order REGINO --json` says."""
    code, output = hotline("order", regino, "--json")
    assert code == 0, output
    found: list[dict[str, Any]] = json.loads(output)
    return found


def events(regino: str = NUMBER) -> list[str]:
    return [record["event"] for record in told(regino)]


def details(event: str, regino: str = NUMBER) -> list[str]:
    return [record["detail"] for record in told(regino) if record["event"] == event]


def secret_order(kind: str = COMPLAINT, **changes: str | None) -> dict[str, str | None]:
    """A good order, registered an hour ago, with a word in its personal fields that must show nowhere."""
    personal = {
        field.name: SECRET
        for field in contract()[kind].request
        if field.personal and field.kind == "text" and not field.codes and (field.limit or 0) >= len(SECRET)
    }
    case = contract()[str(contract()[kind].becomes)]
    codes = next(field.codes for field in case.response if field.name == "reginfotype")
    own = {"reginfotype": next(iter(codes or ("1",))), "registime": readable(int(time.time()) - 3_600)}
    return order(kind, NUMBER, **{**personal, **own, **changes})


def collect_all(orders: OrderBridge) -> None:
    queries = [interface for interface in contract().values() if interface.kind == "query"]
    drains = [interface for interface in interfaces_of("feedback") if interface.kind == "drain"]
    begin = datetime.now(UTC) - timedelta(days=1)
    uvloop.run(drain(drains, orders.stores.local, orders.platform))
    uvloop.run(collect(queries, orders.stores.local, orders.platform, policy=REFRESH_POLICY, collect_from=begin))


def test_from_an_urge_before_the_order_to_what_12345_reads(life: OrderBridge) -> None:
    life.note("order_urge", urgeid="C1", regino=NUMBER, urgetime="20261124080000", urger=SECRET, remark=SECRET)
    assert hotline("report", "order")[0] == 0
    assert events() == ["urged"], "the order itself is not there yet"

    life.write(secret_order(), interface=COMPLAINT)
    life.note("order_supplement", supplementid="B1", regino=NUMBER, supplementtime="", content=SECRET)
    life.note("order_deadline", regino=NUMBER, deadline="2027-01-15")
    assert hotline("report", "order")[0] == 0
    assert hotline("order", "complete", NUMBER, f"invoptaddr={SECRET}路1号", f"invopart={SECRET}")[0] == 0
    assert hotline("report", "order")[0] == 0
    assert hotline("publish")[0] == 0

    now = datetime.now(UTC)
    assert life.sandbox.world.deal(seed=3, day_s=0.1) == 1
    life.sandbox.world.set_clock(now + timedelta(minutes=10))
    collect_all(life)
    assert hotline("publish")[0] == 0

    records = told()
    seen = [record["event"] for record in records]
    assert {"registered", "written", "taken_in", "tried", "superseded", "delivered", "completed", "collected"} <= {
        *seen
    }
    assert {"supplemented", "urged", "deadline", "published"} <= {*seen}
    assert set(seen) <= EVENTS.keys()
    for name, expected in SHOWN.items():
        key = contract()[name].key
        shown = [row for row in life.sandbox.world.rows(name) if row[str(key)] == NUMBER]
        table = str(contract()[name].table)
        made = [record for record in records if record["origin"] == table]
        assert len(made) == len(shown), name
        assert {record["event"] for record in made} <= {*expected}
    assert seen.count("routed") >= 1
    assert seen.count("feedback") >= 2, "by both kinds of query"
    assert seen.count("accepted") == 1, "the first step of that meaning"
    assert seen.count("delivered") == 2, "the supplemented order, and the completed one"
    assert details("completed") == ["invopart、invoptaddr"]
    assert details("deadline") == ["至 2027-01-15 23:59"]

    moments = [datetime.fromisoformat(record["at"]) for record in records]
    assert moments == sorted(moments)
    spans = [record["seconds"] for record in records[1:]]
    assert records[0]["seconds"] is None
    assert sum(spans) == pytest.approx((moments[-1] - moments[0]).total_seconds(), abs=0.01)
    assert {record["kind"] for record in records} == {None, "complaint"}
    published = {record["origin"] for record in records if record["event"] == "published"}
    assert {"order_status", "order_routing", "complaint_case_feedback", "feedback_exchange"} <= published

    code, output = hotline("order", NUMBER)
    assert code == 0
    assert output == hotline("order", "show", NUMBER)[1]
    assert f"投诉工单 {NUMBER} 全过程" in output
    assert "接收成功" in output
    assert "* 平台不给出时间" in output
    assert_nothing_personal(life, output + json.dumps(records, ensure_ascii=False))


def assert_nothing_personal(life: OrderBridge, output: str) -> None:
    assert SECRET not in output
    for interface in contract().values():
        if interface.kind == "query":
            personal = [field.name for field in interface.response if field.personal]
            for row in life.sandbox.world.rows(interface.name):
                for value in (str(row.get(name) or "").strip() for name in personal):
                    assert len(value) < 2 or value not in output, interface.name


def test_an_order_that_is_held_returned_and_let_go(life: OrderBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    use_platform(monkeypatch, life, audit_required="true")
    life.write(secret_order(), interface=COMPLAINT)
    hotline("report", "order")
    assert details("taken_in") == ["第 1 个内容，暂存"]
    hotline("audit", "return", NUMBER, "--reason", SECRET, "--office", "综合股", "--person", SECRET)
    assert details("returned") == ["上报前审核，综合股"]
    hotline("audit", "pass", NUMBER)
    hotline("report", "order")
    seen = events()
    assert seen.index("returned") < seen.index("passed") < seen.index("tried") < seen.index("delivered")
    assert SECRET not in hotline("order", NUMBER)[1]


def test_an_order_that_is_refused_then_delivered_and_one_that_breaks_a_rule(life: OrderBridge) -> None:
    life.write(secret_order(), interface=COMPLAINT)
    life.sandbox.set_faults([Fault(kind="issuc", interface=COMPLAINT)])
    hotline("report", "order")
    assert events()[-1] == "rejected"
    assert "平台拒绝" in details("tried")[-1]
    life.sandbox.clear_faults()
    assert hotline("replay", "--key", NUMBER, "--flow", "order", "--reason", "已开通")[0] == 0
    hotline("report", "order")
    seen = events()
    assert seen.count("tried") == 2
    assert seen.index("replayed") < seen.index("delivered")
    assert "rejected" not in seen, "a version has one state; its tries stay"

    life.write({**secret_order(CONSULTATION), "regino": "BAD1", "complacontent": ""}, interface=CONSULTATION)
    hotline("report", "order")
    [detail] = details("quarantined", "BAD1")
    assert detail.startswith("第 1 个内容：complacontent（")
    assert detail.endswith("必填项为空")


def test_two_orders_of_two_kinds_with_one_number(life: OrderBridge) -> None:
    life.write(secret_order(), interface=COMPLAINT)
    life.write(secret_order(CONSULTATION), interface=CONSULTATION)
    hotline("report", "order")
    assert {record["kind"] for record in told() if record["event"] == "delivered"} == {"complaint", "consultation"}
    output = hotline("order", NUMBER)[1]
    assert "投诉、咨询工单" in output
    assert "咨询：已上报" in output


def test_an_unknown_number(
    life: OrderBridge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    life.write(secret_order(), interface=COMPLAINT)
    hotline("report", "order")
    with pytest.raises(StopRun, match="NOT-THERE: nothing is known of such an order"):
        hotline("order", "NOT-THERE")
    monkeypatch.setattr(sys, "argv", ["hotline", "order", "NOT-THERE"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    assert "NOT-THERE" in capsys.readouterr().err


def test_words_after_the_group(life: OrderBridge) -> None:
    life.write(secret_order(), interface=COMPLAINT)
    hotline("report", "order")
    assert hotline("order", f" {NUMBER} ", "--json") == hotline("order", "show", "--json", NUMBER)
    assert hotline("order", "overlays")[0] == 0
    assert hotline("order", "complete", NUMBER)[0] == 2
    assert hotline("order", "show")[0] == 2
    for words in (("order",), ("order", "--help")):
        output = hotline(*words)[1]
        assert all(name in output for name in ("show", "complete", "overlays", "REGINO"))


def test_a_docking_store_that_is_away_takes_only_its_part(life: OrderBridge, monkeypatch: pytest.MonkeyPatch) -> None:
    life.write(secret_order(), interface=COMPLAINT)
    hotline("report", "order")
    hotline("publish")
    assert events()[-1] == "published"
    nobody = {**json.loads(connection(life.stores.docking)), "port": 1}
    monkeypatch.setenv("AIRFLOW_CONN_DOCKING_DB", json.dumps(nobody))
    code, output = hotline("order", NUMBER)
    assert code == 0
    assert "未含回写" in output
    assert "已上报" in output


@pytest.fixture
def filled(life: OrderBridge) -> OrderBridge:
    """A store with 20,000 orders in every table that a life is read from."""
    number = "'N' || lpad(n::text, 20, '0')"
    numbered = "FROM generate_series(1, 20000) AS n"
    for interface in interfaces_of("order"):
        life.local(
            f"INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at)"
            f" SELECT '{interface.name}', {number}, sha256(n::text::bytea), 'delivered', now(), '', now() {numbered}"
        )
        life.local(
            f"INSERT INTO hotline.interaction_log"
            f" (started_at, interface, key, attempt, outcome, elapsed_ms, body_sha256)"
            f" SELECT now(), '{interface.name}', {number}, 1, 'delivered', 1, '' {numbered}"
        )
        life.local(
            f"INSERT INTO hotline.order_source (interface, key, body, written_at)"
            f" SELECT '{interface.name}', {number}, '', now() {numbered}"
        )
    tables = {str(known.table): known.key_column for known in contract().values() if known.mode is not None}
    for table, key in tables.items():
        life.local(
            f"INSERT INTO hotline.{table} ({key}, content_hash, source, requested_at)"
            f" SELECT {number}, sha256(n::text::bytea), '', now() {numbered}"
        )
        life.local(
            f"INSERT INTO hotline.{table}_history"
            f" (row_id, {key}, flags, content_hash, source, requested_at, loaded_at, replaced_by)"
            f" SELECT n, {number}, '{{}}', '', '', now(), now(), now() {numbered}"
        )
    with psycopg.connect(life.stores.local, autocommit=True) as local:
        local.execute("ANALYZE")
    return life


def test_one_number_is_found_by_indexes(filled: OrderBridge) -> None:
    with psycopg.connect(filled.stores.local) as local:
        query = psycopg.ClientCursor(local).mogrify(
            read_sql("timeline/timeline.sql", "events"), {"regino": f"N{77:020}"}
        )
        [(explained,)] = local.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode()).fetchall()
        found = local.execute(query.encode()).fetchall()
    read = list(scans(explained[0]["Plan"]))
    names = {re.sub(r"_\d{4}_\d\d$", "", scan["Relation Name"]) for scan in read}
    assert names > {"delivery", "interaction_log", "case_routing", "case_feedback"}
    whole = [
        scan["Relation Name"] for scan in read if scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) > 100
    ]
    assert whole == [], "nothing is read but the order's own rows"
    assert len(found) > 15


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a plan that read a table."""
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


@given(st.integers(0, 10**9))
def test_spans_are_told_by_their_two_greatest_units(seconds: int) -> None:
    units = {"天": 86_400, "小时": 3_600, "分": 60, "秒": 1}
    words = duration_zh(seconds).split()
    if seconds == 0:
        assert duration_zh(0.9) == duration_zh(0) == "不到 1 秒"
        return
    said = sum(int(count) * units[unit] for count, unit in zip(words[::2], words[1::2], strict=True))
    assert 0 <= seconds - said < units[words[1]]
    assert len(words) <= 4
