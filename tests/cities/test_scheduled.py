"""Airflow's own scheduler runs two cities, each with a server of its own; one of these stands still for a while."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.cities import ENVIRONMENT, City
from hotline_bridge.docking.create import create_docking
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.airflow import AirflowHome
from hotline_sandbox.demo.pinned import USER, free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.demo.services import Services, service_settings
from hotline_sandbox.server.control import running_sandbox
from tests.cities.conftest import Served
from tests.dags.standstill import frozen
from tests.fixtures import Stores, platform_at
from tests.outbound.bridge import Bridge, call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotline_sandbox.demo.postgres import Server

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

DAGS = ("telephony_report", "order_report", "docking_publish", "case_collect", "alert_watch")
CITIES = (City("shaoguan", "韶关"), City("guangzhou", "广州"))


@dataclass
class Province:
    """An Airflow and the cities that it serves."""

    cities: Sequence[Served]
    servers: Sequence[Server]
    metadata: str
    address: str
    password: str

    def ask(self, query: str, *values: object) -> list[Any]:
        with psycopg.connect(self.metadata) as session:
            return session.execute(query.encode(), values or None).fetchall()


def until(met: Callable[[], bool], what: str, within_s: float = 300) -> None:
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


def write(one: Served, *numbers: int) -> None:
    Bridge(one.stores, platform_at(one.sandbox), one.sandbox).write(*map(call, numbers))


def taken(one: Served) -> int:
    counts = one.sandbox.counts()
    return int(counts["callinfo"]["accepted"]) if "callinfo" in counts else 0


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    folder = tmp_path_factory.mktemp("province")
    with ExitStack() as stack:
        airflow, *servers = (stack.enter_context(throwaway_postgres()) for _ in range(3))
        airflow.create_database("airflow")
        served = []
        for city, server in zip(CITIES, servers, strict=True):
            for name in ("docking", "local"):
                server.create_database(name)
            create_docking(server.conninfo("docking"), for_trial=True)
            migrate_local(server.conninfo("local"))
            sandbox = stack.enter_context(running_sandbox(app_id=city.name, token=f"{city.name}-token"))
            stores = Stores(server.conninfo("docking"), server.conninfo("local"))
            served.append(Served(city, stores, sandbox, city.name, f"{city.name}-token"))
        password = pinned_password(folder / "passwords.json")
        parts = conninfo_to_dict(airflow.conninfo("airflow"))
        database = f"postgresql+psycopg://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/airflow"
        keys, port = pinned_keys(folder / "keys.json"), free_port(0)
        home = AirflowHome(
            folder / "airflow",
            {one.city.named(name): value for one in served for name, value in one.connections().items()},
            {
                **service_settings(port, database, keys, folder / "passwords.json"),
                ENVIRONMENT: ",".join(f"{city.name}={city.title}" for city in CITIES),
                "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
                "AIRFLOW__CORE__PARALLELISM": "36",
                "HOTLINE_AIRFLOW_DAYS": "0",
            },
        )
        (folder / "logs").mkdir()
        home.run("db", "migrate", log=folder / "logs" / "migrate.log")
        services = Services(home, folder / "logs")
        stack.callback(services.stop)
        services.start()
        services.wait_until_healthy()
        made = Province(served, servers, airflow.conninfo("airflow"), f"http://127.0.0.1:{port}", password)
        until(lambda: made.ask("SELECT count(*) FROM dag") == [(26,)], "DAGs are not loaded")
        home.run(
            *("dags", "unpause", "--yes", "--treat-dag-id-as-regex", f"^({'|'.join(DAGS)})__"),
            log=folder / "logs" / "unpause.log",
        )
        yield made


def test_one_city_s_servers_stand_still_and_the_other_goes_on(province: Province) -> None:
    first, second = province.cities
    write(first, 1, 2)
    write(second, 101)
    until(lambda: (taken(first), taken(second)) == (2, 1), "not both cities report")
    pools = {pool for (pool,) in province.ask("SELECT pool FROM slot_pool")}
    assert {"platform_12315__shaoguan", "platform_12315__guangzhou"} <= pools
    with frozen(province.servers[0]):
        # So long that runs of the city that stands still pile up, as far as they can.
        for number in range(102, 105):
            write(second, number)
            until(lambda number=number: taken(second) == number - 100, "the living city waits", 180)
        states = dict(
            province.ask(
                "SELECT split_part(dag_id, '__', 2), count(*) FILTER (WHERE state = 'failed') FROM task_instance"
                " GROUP BY 1"
            )
        )
        assert states["shaoguan"] > 0
        assert states["guangzhou"] == 0
    write(first, 3)
    until(lambda: taken(first) == 3, "the city does not come back by itself")
    assert taken(second) == 4
    assert {key for (key,) in second.local("SELECT key FROM hotline.delivery")} == {
        call(number)["callid"] for number in range(101, 105)
    }


def test_the_ui_leads_to_each_city_s_pages(province: Province) -> None:
    given = httpx.post(
        f"{province.address}/auth/token", json={"username": USER, "password": province.password}, timeout=60
    )
    cookies = {"_token": given.raise_for_status().json()["access_token"]}
    with httpx.Client(base_url=province.address, cookies=cookies, timeout=60) as client:
        listed = client.get("/hotline/")
        assert listed.status_code == 200
        for city in CITIES:
            assert f'<a href="/hotline/{city.name}/">{city.title}</a>' in listed.text
            page = client.get(f"/hotline/{city.name}/")
            assert page.status_code == 200
            assert f"热线对接 {city.title}</title>" in page.text
        style = listed.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        assert client.get(style).status_code == 200
        [(run_id,)] = province.ask(
            "SELECT run_id FROM dag_run WHERE dag_id = 'telephony_report__guangzhou' AND state = 'success' LIMIT 1"
        )
        assert client.get(f"/hotline/runs/telephony_report__guangzhou/{run_id}").status_code == 200
    nobody = httpx.get(f"{province.address}/hotline/shaoguan/orders", timeout=60)
    assert nobody.status_code == 401
    way = nobody.text.partition('<a href="/hotline/shaoguan/')[2].partition("?")[0]
    assert way == "../../api/v2/auth/login"
