"""Bad rows of answers: listed with reasons, masked; in one view with bad docking rows, whatever their text holds."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.errors import StopRun
from hotline_bridge.store.database import connect
from tests.fixtures import Stores
from tests.outbound.test_leaks import postgres_connection

MARK = "刘标记"
ROWS = {
    "ordinary": ({"regino": "R1", "proname": MARK, "complacontent": "长" * 2_001}, ["complacontent:length"]),
    "nul": ({"regino": "R2", "proname": f"\x00{MARK}"}, ["proname:type"]),
    "half": ({"regino": "R3", "proname": f"\ud83d{MARK}"}, ["proname:type"]),
    "other half": ({"regino": "R4", "proname": f"{MARK}\ude00"}, ["proname:type"]),
    "whole": ({"regino": "R5", "proname": f"{MARK}\U0001f600"}, ["regino:length"]),
    "no row": ("R6", ["row:type"]),
}


@pytest.fixture
def conninfo(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    with connect(stores.local) as local:
        for number, (row, reasons) in enumerate(ROWS.values()):
            local.execute(
                "INSERT INTO hotline.quarantined_answer"
                " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
                " VALUES ('getTsBusiCaseInfoData', %s, %s, %s, %s, now(), now())",
                [f"R{number + 1}", bytes([number]), reasons, json.dumps(row).encode("ascii")],
            )
        local.execute("UPDATE hotline.quarantined_answer SET state = 'replaced' WHERE key = 'R5'")
    return stores.local


def answers(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["answers", *arguments], catch_exceptions=False)
    assert done.exit_code == code
    return done.output


def test_they_are_listed_with_reasons_and_without_values(conninfo: str) -> None:
    output = answers("list")
    assert "隔离的应答 5 行" in output
    assert "超过规定长度" in output.replace("\n", "")
    assert MARK not in output
    assert "隔离的应答 6 行" in answers("list", "--all")
    assert "隔离的应答 0 行" in answers("list", "--interface", "getCaseCb", code=1), "nothing matched a filter"


def test_one_is_shown_masked(conninfo: str) -> None:
    assert "隔离的应答 3 行" in answers("list", "--rule", "proname:type")
    assert "隔离的应答 1 行" in answers("list", "--key", "R1")
    output = answers("show", "1")
    assert "(2001 字)" in output
    assert "proname" in output
    assert MARK not in output
    assert "R6" in answers("show", "6")
    with pytest.raises(StopRun, match="no such row: 7"):
        answers("show", "7")


def test_one_view_holds_both_kinds_of_quarantine(conninfo: str) -> None:
    with connect(conninfo) as local:
        found = dict(local.execute("SELECT key, raw FROM hotline.quarantine").fetchall())
        states = dict(local.execute("SELECT key, state FROM hotline.quarantine").fetchall())
    assert found["R1"]["proname"] == MARK
    assert found["R5"]["proname"] == f"{MARK}\U0001f600"
    for key in ("R2", "R3", "R4"):
        assert json.loads(found[key])["regino"] == key, "text, as no jsonb can hold it"
    assert found["R6"] == "R6"
    assert (states["R1"], states["R5"]) == ("open", "replaced")
