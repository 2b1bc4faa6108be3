"""`hotline --city`, and `hotline check` over two cities: what each lacks, and what both must not share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.testing import CliRunner

from hotline_bridge.cities import ENVIRONMENT, acting_for, cities
from hotline_bridge.cli.check_places import astray, shared_findings
from hotline_bridge.cli.gateway import docking_conninfo, gateway_settings, store_conninfo
from hotline_bridge.cli.main import app
from hotline_bridge.cli.migrate import bring_up_to_date
from hotline_bridge.errors import StopRun
from hotline_sandbox.demo.airflow import platform_connection
from tests.cli.conftest import connection

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.cities.conftest import Served

VARIABLE = "AIRFLOW_CONN_{}__GUANGZHOU"


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def shared() -> list[str]:
    return [f"{level} {text}" for level, text in shared_findings(cities())]


def bad_lines(said: str) -> list[str]:
    return [line.removeprefix("bad  ") for line in said.splitlines() if line.startswith("bad  ")]


def test_two_cities_that_share_nothing_are_in_order_each_under_its_name(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "36")
    code, said = hotline("check")
    assert bad_lines(said) == []
    assert code == 0
    for one in two_cities:
        assert f"ok   {one.city.name}: connection docking_db__{one.city.name}: the docking store answers" in said
        assert f"{one.city.name}: connection platform_12315__{one.city.name}: {one.sandbox.base_url}" in said
    assert "PARALLELISM" not in said
    _, alone = hotline("--city", "guangzhou", "check")
    assert "guangzhou: connection local_db__guangzhou: " in alone
    assert "guangzhou: no finished run yet: alert_watch__guangzhou, " in alone
    assert "shaoguan" not in alone.replace("another city's", "")


def test_each_city_s_fault_is_told_as_its_own(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two_cities
    first.local("DROP TABLE hotline.call_log CASCADE")
    monkeypatch.delenv(VARIABLE.format("DOCKING_DB"))
    monkeypatch.setenv(ENVIRONMENT, "shaoguan, guangzhou, Foshan")
    code, said = hotline("check")
    assert code == 1
    found = bad_lines(said)
    assert {line.partition(":")[0] for line in found} == {"HOTLINE_CITIES", "shaoguan", "guangzhou"}
    assert any("call_log" in line for line in found if line.startswith("shaoguan: "))
    [missing] = [line for line in found if line.startswith("guangzhou: ")]
    assert "connection docking_db__guangzhou is missing; set AIRFLOW_CONN_DOCKING_DB__GUANGZHOU" in missing


def test_one_database_of_two_cities_is_found_whatever_the_address_says(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two_cities
    for name, conninfo in (("DOCKING_DB", first.stores.docking), ("LOCAL_DB", first.stores.local)):
        monkeypatch.setenv(VARIABLE.format(name), connection(make_conninfo(conninfo, host="localhost")))
    found = shared()
    for name in ("docking_db", "local_db"):
        assert any(line.startswith(f"bad {name}__shaoguan and {name}__guangzhou lead into one data") for line in found)


def test_one_app_id_of_two_cities_is_found(two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_cities
    monkeypatch.setenv(
        VARIABLE.format("PLATFORM_12315"), platform_connection(second.sandbox.base_url, first.app_id, second.token)
    )
    [found] = (line for line in shared() if line.startswith("bad "))
    assert "platform_12315__shaoguan and platform_12315__guangzhou have one AppId" in found
    assert first.app_id not in found


def test_a_connection_of_the_pages_that_leads_into_another_city_is_found(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_cities
    monkeypatch.setenv(VARIABLE.format("PAGES_DB"), connection(first.stores.local))
    monkeypatch.setenv(VARIABLE.format("GATEWAY_DB"), connection(second.stores.local))
    with acting_for(second.city):
        [found] = astray()
    assert "connection pages_db__guangzhou leads into database" in found
    assert "not that of local_db__guangzhou" in found


def test_an_account_that_may_enter_another_city_s_database_is_told(
    two_cities: tuple[Served, Served], postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_cities
    database = conninfo_to_dict(first.stores.local)["dbname"]
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as server:
        server.execute("CREATE ROLE of_guangzhou LOGIN PASSWORD 'x'")
        try:
            own = make_conninfo(second.stores.local, user="of_guangzhou", password="x")
            monkeypatch.setenv(VARIABLE.format("LOCAL_DB"), connection(own))
            words = f"the account of connection local_db__guangzhou may connect to database {database}"
            assert any(words in line for line in shared())
            server.execute(f'REVOKE CONNECT ON DATABASE "{database}" FROM PUBLIC'.encode())
            assert not any(words in line for line in shared())
        finally:
            server.execute(f'GRANT CONNECT ON DATABASE "{database}" TO PUBLIC'.encode())
            server.execute("DROP ROLE of_guangzhou")


def test_a_gateway_works_with_the_stores_and_settings_of_its_city(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"conn_type": "http", "host": "https://guangzhou.example", "extra": '{"auth_header": "X-Of-Guangzhou"}'}
    monkeypatch.setenv(VARIABLE.format("GATEWAY_12345"), json.dumps(settings))
    read = []
    for one in two_cities:
        with acting_for(one.city):
            read.append(gateway_settings().auth_header)
            for conninfo, store in ((store_conninfo(), one.stores.local), (docking_conninfo(), one.stores.docking)):
                assert conninfo_to_dict(conninfo)["dbname"] == conninfo_to_dict(store)["dbname"]
    assert read == ["Authorization", "X-Of-Guangzhou"]


@pytest.mark.usefixtures("two_cities")
def test_few_slots_of_airflow_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "35")
    assert any("2 cities can have 36: one whose stores stand still" in line for line in shared())
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "36")
    assert not any("PARALLELISM" in line for line in shared())


def test_each_city_is_migrated_and_one_that_fails_stops_no_other(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_DOCKING_DB__SHAOGUAN")
    two_cities[1].local("DELETE FROM hotline.calendar_day")
    with pytest.raises(StopRun, match="shaoguan: connection docking_db__shaoguan is missing"):
        bring_up_to_date(for_trial=True)
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith("guangzhou: ") and "calendar_day loaded" in line for line in said)
    assert not any(line.startswith("shaoguan: ") for line in said)
    assert two_cities[1].local("SELECT count(*) > 0 FROM hotline.calendar_day") == [(True,)]


def test_a_command_is_for_the_city_that_is_named(two_cities: tuple[Served, Served]) -> None:
    first, second = two_cities
    first.local("INSERT INTO hotline.run_log (dag, subject) VALUES ('maintenance', '')")
    for arguments, environment in ((("--city", "guangzhou"), {}), ((), {"HOTLINE_CITY": "guangzhou"})):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            code, said = hotline(*arguments, "status", "telephony", "--json")
        assert code == 0
        assert {log["docking_rows"] for log in json.loads(said)} == {0}
    assert second.local("SELECT count(*) FROM hotline.run_log") == [(0,)]


@pytest.mark.usefixtures("two_cities")
def test_a_city_that_is_none_is_a_wrong_command_line_and_nobody_s_command_is_refused() -> None:
    code, said = hotline("--city", "foshan", "status")
    assert code == 2
    assert "no city is called 'foshan'" in said
    assert "shaoguan, guangzhou" in said.replace("\n", " ")
    with pytest.raises(Exception, match="nobody said for which city"):
        hotline("status")


def test_a_city_where_there_is_one_alone_is_a_wrong_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    code, said = hotline("--city", "shaoguan", "status")
    assert code == 2
    assert "HOTLINE_CITIES names none" in said
