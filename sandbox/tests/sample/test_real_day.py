"""The importer of the real call log: on invented lines, and on the file itself where it is at hand."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.rows import dict_row

from bench.real_day import NO_NUMBER, import_day, main
from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.rules import compile_rules

if TYPE_CHECKING:
    from psycopg.rows import DictRow

DAY = date(2026, 11, 23)
REAL = Path(os.environ.get("HOTLINE_REAL_CALLS", Path(__file__).parents[4] / "shared" / "real" / "calls_one_day.csv"))
HEAD = (
    "vru+line,call_id,type,vru_entry,vru_exit,vru_time,q_start,q_exit,q_time,outcome,"
    "ser_start,ser_exit,ser_time,server,server_abv\n"
)
QUEUED = "ZZ9901,11,PS,9:00:05,9:00:11,6,9:00:11,9:01:00,49,AGENT,9:00:59,9:05:00,241,RIVKA,RIV\n"
AT_ONCE = "ZZ9902,12,PS,10:10:00,10:10:06,6,0:00:00,0:00:00,0,AGENT,10:10:05,10:12:00,115,RIVKA,RIV\n"
LEFT = "ZZ9901,13,NW,7:01:00,7:01:04,4,7:01:04,7:02:00,56,HANG,0:00:00,0:00:00,0,NO_SERVER,NO_\n"
PHANTOM = "ZZ9903,14,PS,11:00:00,11:00:05,5,11:00:05,11:02:00,115,PHANTOM,11:02:00,11:02:03,3,NO_SERVER,NO_\n"


def read(conninfo: str, table: str) -> list[DictRow]:
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        return connection.execute(f"SELECT * FROM docking.{table}".encode()).fetchall()  # noqa: S608  (our own names)


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def test_each_outcome_becomes_the_rows_that_it_stands_for(docking: str, tmp_path: Path) -> None:
    counts = import_day(docking, write(tmp_path / "day.csv", QUEUED, AT_ONCE, LEFT, PHANTOM), DAY, "440203")
    assert counts == {"call_log": 4, "recording_log": 2, "seat_login_log": 1}
    queued, at_once, left, phantom = read(docking, "call_log")
    assert queued["callid"] == "440203ZZ990111"
    assert queued["callno"] == NO_NUMBER
    assert queued["calltype"] == "1"
    assert [queued[name] for name in ("calltime", "skilltime", "ringtime", "seattime")] == [
        "20261123090005",
        "20261123090011",
        "20261123090100",
        "20261123090059",
    ]
    assert (at_once["skilltime"], at_once["ringtime"], at_once["seattime"]) == (None, None, "20261123101005")
    assert (left["skilltime"], left["ringtime"], left["seattime"]) == ("20261123070104", None, None)
    assert (phantom["skilltime"], phantom["ringtime"], phantom["seattime"]) == ("20261123110005", None, None)
    recording = read(docking, "recording_log")[0]
    assert recording["recordid"] == "4402031440203ZZ990111"
    assert (recording["begintime"], recording["endtime"]) == ("20261123090059", "20261123090500")
    (login,) = read(docking, "seat_login_log")
    assert (login["seatno"], login["begintime"], login["endtime"]) == ("RIVKA", "20261123090059", "20261123101200")
    assert login["signid"] == "440203RIVKA20261123090059"
    assert read(docking, "satisfaction_log") == []


def test_duplicate_lines_stay_and_ratings_are_made_up_only_on_demand(docking: str, tmp_path: Path) -> None:
    path = write(tmp_path / "day.csv", *[QUEUED] * 20)
    main(["--docking", docking, "--day", "2026-11-22", "--area", "440200", "--ratings", str(path)])
    assert len(read(docking, "call_log")) == 20
    ratings = read(docking, "satisfaction_log")
    assert 0 < len(ratings) < 20
    check = compile_rules(contract()["satisfaction"])
    assert all(check(rating) == [] for rating in ratings)


def test_a_file_of_another_kind_is_refused_with_the_column(docking: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.csv has no column"):
        import_day(docking, path, DAY, "440203")


@pytest.mark.skipif(not REAL.is_file(), reason="the real call log is not part of the project: set HOTLINE_REAL_CALLS")
def test_the_real_day_breaks_no_rule_but_the_one_of_calls_that_met_no_queue(docking: str) -> None:
    counts = import_day(docking, REAL, DAY, "440200")
    assert counts == {"call_log": 2_375, "recording_log": 1_510, "seat_login_log": 18}
    reasons: Counter[tuple[str, ...]] = Counter()
    for name in ("callinfo", "recordinfo", "seatsignin"):
        check = compile_rules(contract()[name])
        rows = read(docking, str(contract()[name].table))
        assert len({row[contract()[name].key_column] for row in rows}) == len(rows)
        reasons.update(tuple(f"{b.field}:{b.rule}" for b in check(row)) for row in rows)
    assert reasons == {(): 2_375 + 1_510 + 18 - 268, ("skilltime:condition", "ringtime:condition"): 268}
    calls = read(docking, "call_log")
    assert sum(bool(call["seattime"]) for call in calls) == 1_510
    assert sum((call["seattime"] or "9") < (call["ringtime"] or "") for call in calls) > 800, "clocks disagree"
