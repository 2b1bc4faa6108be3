"""What cannot be fixed is accepted with a reason: no longer red or alerted, until it is something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from hotline_bridge.alerts.conditions import find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.cli.main import app
from hotline_bridge.store.database import connect
from hotline_bridge.tasks import inbound, reconcile
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures import Stores

CASES = "getTsBusiCaseInfoData"


@pytest.fixture
def local(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    with connect(stores.local) as session:
        yield session


def hotline(*words: str, answer: str | None = None) -> str:
    done = CliRunner().invoke(app, ["accept", *words], input=answer, catch_exceptions=False)
    return f"{done.exit_code} {done.output}"


def overfull(local: Connection, begins: str, seconds: int = 1) -> None:
    local.execute("DELETE FROM hotline.collection_window")
    local.execute(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, visited_at, due_because)"
        " VALUES (%(name)s, %(begins)s, %(begins)s::timestamptz + %(seconds)s * interval '1 second', 'incomplete',"
        " now(), 'age')",
        {"name": CASES, "begins": begins, "seconds": seconds},
    )


def checked(local: Connection, unexplained: int | None, state: str = "open", day: str = "2026-11-20") -> None:
    local.execute(
        "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, unexplained, state)"
        " VALUES (now(), %s, 'complaint', %s, %s)",
        [day, unexplained, state],
    )


def alerted(local: Connection) -> dict[str, int]:
    return {
        case.cause: case.count
        for case in find_alerts(local, Limits())
        if case.cause in {"incomplete", "count_difference"}
    }


def test_seconds_that_are_never_whole(local: Connection) -> None:
    overfull(local, "2026-11-20 10:00:00+08")
    assert (len(inbound.incomplete([CASES])), alerted(local)) == (1, {"incomplete": 1})
    assert "2026-11-20 10:00:00" in hotline("list")
    window = ("--begin", "2026-11-20 10:00:00", "--end", "2026-11-20 10:00:01")
    assert hotline("incomplete", CASES, *window, answer="平台已导出\n").startswith("0 ")
    assert (inbound.incomplete([CASES]), alerted(local)) == ([], {})
    assert hotline("incomplete", CASES, *window, "--reason", "再").startswith("1 0 incomplete"), "nothing is left"
    assert "待认可 0 项" in hotline("list")
    overfull(local, "2026-11-20 09:59:59+08")
    assert inbound.incomplete([CASES]) == [], "the same second, cut in another place"
    overfull(local, "2026-11-20 11:00:00+08")
    assert len(inbound.incomplete([CASES])) == 1, "another second"
    assert local.execute(
        "SELECT action, interface, key, state_before, state_after, reason FROM hotline.operator_action"
    ).fetchall() == [("accept", CASES, "2026-11-20 10:00:00 - 10:00:01", "incomplete", "accepted", "平台已导出")]


def test_a_day_that_differs_for_good(local: Connection) -> None:
    checked(local, 3)
    checked(local, None, "unknown", "2026-11-21")
    assert (len(reconcile.findings()), alerted(local)) == (2, {"count_difference": 1})
    assert "complaint" in hotline("list")
    day = ("day", "2026-11-20", "--kind", "complaint", "--reason", "平台合并了工单")
    assert hotline(*day).startswith("0 accepted")
    assert hotline(*day).startswith("1 the latest check")
    assert hotline("day", "2026-11-21", "--kind", "complaint", "--reason", "无").startswith("1 "), "no count, no number"
    [left] = reconcile.findings()
    assert "没有得到平台数量" in left
    assert alerted(local) == {}
    checked(local, 3, "incomplete")
    assert (len(reconcile.findings()), alerted(local)) == (1, {}), "the same difference"
    checked(local, 4)
    assert (len(reconcile.findings()), alerted(local)) == (2, {"count_difference": 1}), "another one"
    checked(local, 0, "agreed")
    assert (len(reconcile.findings()), alerted(local)) == (1, {})
