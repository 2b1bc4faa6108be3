"""Which city work is for, what its things are called, and what becomes of a list that is wrong."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline_bridge.alerts.conditions import Alert
from hotline_bridge.alerts.entries import entries
from hotline_bridge.cities import (
    ENVIRONMENT,
    ONLY,
    City,
    acting_for,
    cities,
    find_city,
    here,
    meant,
    require_right_cities,
    wrong_cities,
)
from hotline_bridge.contract.reader import contract
from hotline_bridge.ending import run_apart
from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.connections import find_connection
from hotline_bridge.platform_client.answers import classify
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.reports.files import report_folder
from hotline_bridge.store.data_files import data_folder
from hotline_bridge.tasks.maintenance import archive_folder
from hotline_sandbox.demo.airflow import PROJECT

A, B = City("shaoguan", "韶关"), City("guangzhou", "广州")


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "shaoguan=韶关, guangzhou=广州")


@pytest.mark.parametrize("value", [None, "", " ", " , "])
def test_without_a_list_there_is_one_city_and_every_name_is_the_fixed_one(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    if value is not None:
        monkeypatch.setenv(ENVIRONMENT, value)
    assert cities() == meant() == (ONLY,)
    assert here() == ONLY
    assert here().named("local_db") == "local_db"
    monkeypatch.setenv("HOTLINE_REPORT_DIR", "/reports")
    assert report_folder() == Path("/reports")
    require_right_cities()


@pytest.mark.usefixtures("two")
def test_each_city_s_things_carry_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_REPORT_DIR", "/reports")
    monkeypatch.setenv("HOTLINE_ARCHIVE_DIR", "/archive")
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", '{"conn_type": "postgres", "host": "of nobody"}')
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB__GUANGZHOU", '{"conn_type": "postgres", "host": "of guangzhou"}')
    assert cities() == meant() == (A, B)
    assert find_city("guangzhou") == B
    with acting_for(B):
        assert (here(), meant()) == (B, (B,))
        assert find_connection("local_db").host == "of guangzhou"
        assert report_folder() == Path("/reports/guangzhou")
        assert archive_folder() == Path("/archive/guangzhou")
        assert run_apart(here, 9) == B, "a thread of the work is for the same city"
    with acting_for(A), pytest.raises(StopRun, match=r"local_db__shaoguan is missing.*AIRFLOW_CONN_LOCAL_DB__SHAOGUAN"):
        find_connection("local_db")


def test_what_is_told_names_the_connection_that_is_really_used() -> None:
    with acting_for(A):
        settings = PlatformSettings("http://127.0.0.1:1", "app", "token")
        assert "platform_12315__shaoguan" in str(classify(contract()["callinfo"], 404, b"", settings).message)
        assert "platform_12315__shaoguan" in settings.unauthorized_remedy
        [entry] = entries([Alert("unauthorized", "platform_12315", datetime.now(UTC), 1)])
        assert "连接 platform_12315__shaoguan 的" in entry.line
        with pytest.raises(StopRun, match="login of connection platform_12315__shaoguan must be the AppId"):
            PlatformSettings("http://127.0.0.1:1", "a&b", "token")


def test_no_sentence_of_the_program_holds_a_connection_s_fixed_name() -> None:
    fixed = (
        "platform_12315|local_db|docking_db|pages_db|gateway_db|analyst_db|docking_gateway_db|gateway_12345|alert_\\w+"
    )
    named = re.compile(rf"\b(?:{fixed})\b")
    found = []
    for file in (PROJECT / "plugins").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        found += [
            f"{file.name}:{node.lineno}"
            for node in texts
            if id(node) not in alone and " " in str(node.value) and named.search(str(node.value))
        ]
    # Whoever tells a condition puts the city's names in, as the test above shows.
    assert [place for place in found if not place.startswith("conditions.py:")] == []


@pytest.mark.usefixtures("two")
def test_work_that_is_for_nobody_said_is_refused_and_never_falls_to_the_fixed_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", '{"conn_type": "postgres", "host": "of nobody"}')
    for work in (here, report_folder, lambda: find_connection("local_db")):
        with pytest.raises(StopRun, match=r"nobody said for which city.*shaoguan, guangzhou"):
            work()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("Shaoguan", "is no city"),
        ("shao-guan=韶关", "is no city"),
        ("shao__guan", "is no city"),
        ("1shaoguan", "is no city"),
        ("s", "is no city"),
        ("韶关", "is no city"),
        ("=韶关", "is no city"),
        ("runs", "is no city"),
        ("shaoguan=韶关;foshan=佛山", "is no city"),
        ("guangzhou=广州", "names guangzhou twice"),
    ],
)
def test_an_entry_that_is_wrong_is_told_and_takes_no_other_city_with_it(
    monkeypatch: pytest.MonkeyPatch, entry: str, words: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT, f"guangzhou=广州,{entry}")
    assert cities() == (B,)
    [told] = wrong_cities()
    assert words in told
    with pytest.raises(StopRun, match=words):
        require_right_cities()


def test_where_every_entry_is_wrong_nothing_is_served_under_the_fixed_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "Shaoguan")
    assert cities() == ()
    with pytest.raises(StopRun, match="names none"):
        here()


def test_a_comma_of_a_chinese_keyboard_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "shaoguan=韶关，guangzhou")
    assert cities() == (A, City("guangzhou", "guangzhou"))


@pytest.mark.usefixtures("two")
def test_a_city_that_is_none_is_named_with_those_there_are() -> None:
    with pytest.raises(StopRun, match="no city is called 'foshan'; HOTLINE_CITIES names shaoguan, guangzhou"):
        find_city("foshan")


@pytest.mark.usefixtures("two")
def test_a_city_may_have_files_of_its_own_and_half_of_them_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTLINE_DATA", str(tmp_path))
    for folder in (tmp_path, tmp_path / "guangzhou"):
        for name in ("time_limits", "standard_data"):
            (folder / name).mkdir(parents=True)
    with acting_for(A):
        assert data_folder() == tmp_path
    with acting_for(B):
        assert data_folder() == tmp_path / "guangzhou"
        (tmp_path / "guangzhou" / "time_limits").rmdir()
        with pytest.raises(StopRun, match="guangzhou lacks time_limits/ or standard_data/"):
            data_folder()
