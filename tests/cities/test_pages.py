"""Pages of two cities: each below its name, for who may look at it, over its own store alone."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.cities import ENVIRONMENT, here
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.pages.app import make_pages
from hotline_bridge.pages.by_city import PagesByCity
from hotline_bridge.pages.rights import NotSignedIn, Right, Run, Runs, User
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.airflow import PROJECT
from tests.pages.conftest import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from hotline_bridge.store.database import Session
    from tests.cities.conftest import Served

LOGGED = (
    "INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, code, elapsed_ms, body_sha256)"
    " VALUES (now(), 'callinfo', 'of-' || %s, 1, 'delivered', '0', 12, '')"
)


class Asked(Runs):
    """Takes note of what is asked about runs, for which city."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def find(self, dag: str, run_id: str) -> Run | None:
        self.found.append((here().name, dag, run_id))
        return None


def get(path: str, allowed: set[str] | None, cities: tuple[Served, Served], runs: Runs | None = None) -> httpx.Response:
    """What somebody is answered who may look at some cities; who has not signed in where None."""

    async def authorise(_request: Request) -> User:
        if allowed is None:
            raise NotSignedIn(401)
        return User("wang", frozenset(Right) if here().name in allowed else frozenset(), runs or Runs())

    def session() -> Session:
        return connect(make_conninfo(conninfo("local_db"), options="-c role=hotline_pages"))

    async def ask() -> httpx.Response:
        pages = {one.city: make_pages(authorise, session, sign_in="../../login", city=one.city.title) for one in cities}
        app = PagesByCity(pages, authorise, "../login")
        transport = httpx.ASGITransport(app, root_path="/hotline")
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.get(f"/hotline{path}")

    return anyio.run(ask)


def test_each_city_s_pages_show_its_own_store(two_cities: tuple[Served, Served]) -> None:
    for one in two_cities:
        one.local(LOGGED, one.city.name)
    both = {one.city.name for one in two_cities}
    for one, other in zip(two_cities, reversed(two_cities), strict=True):
        page = get(f"/{one.city.name}/exchanges", both, two_cities)
        assert page.status_code == 200
        assert f"of-{one.city.name}" in page.text
        assert f"of-{other.city.name}" not in page.text
        assert f'href="/hotline/{one.city.name}/orders"' in page.text
        assert f'<a href="/hotline/{one.city.name}/../">{one.city.title}</a>' in page.text
        assert f"/hotline/{other.city.name}" not in page.text


def test_who_may_look_at_one_city_sees_nothing_of_another(two_cities: tuple[Served, Served]) -> None:
    mine, theirs = ({one.city.name} for one in two_cities)
    assert get("/guangzhou/exchanges", mine, two_cities).status_code == 403
    assert get("/guangzhou/static/any", mine, two_cities).status_code == 403
    assert get("/guangzhou/reports/quality.html", mine, two_cities).status_code == 403
    assert get("/guangzhou/exchanges", theirs, two_cities).status_code == 200
    moved = get("/", mine, two_cities)
    assert (moved.status_code, moved.headers["location"]) == (303, "/hotline/shaoguan/")


def test_above_stand_the_cities_that_a_user_may_look_at(two_cities: tuple[Served, Served]) -> None:
    listed = get("/", {"shaoguan", "guangzhou"}, two_cities).text
    assert '<a href="/hotline/shaoguan/">韶关</a>' in listed
    assert '<a href="/hotline/guangzhou/">广州</a>' in listed
    assert get("/", set(), two_cities).status_code == 403
    assert get("/foshan/orders", {"shaoguan"}, two_cities).status_code == 404
    away = get("/", None, two_cities)
    assert away.status_code == 401
    assert 'href="/hotline/../login?next=%2Fhotline%2F"' in away.text
    below = get("/shaoguan/orders", None, two_cities)
    assert 'href="/hotline/shaoguan/../../login?next=%2Fhotline%2Fshaoguan%2Forders"' in below.text


def test_a_run_s_dag_tells_its_city(two_cities: tuple[Served, Served]) -> None:
    asked = Asked()
    get("/runs/order_report__guangzhou/scheduled__2026-12-01T00:00:00+00:00", {"guangzhou"}, two_cities, asked)
    assert asked.found == [("guangzhou", "order_report", "scheduled__2026-12-01T00:00:00+00:00")]
    assert get("/runs/order_report__guangzhou/any", {"shaoguan"}, two_cities, asked).status_code == 403
    assert get("/runs/somebody_s_dag/any", {"shaoguan"}, two_cities, asked).status_code == 404
    assert len(asked.found) == 1


def test_a_report_is_that_of_its_city(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTLINE_REPORT_DIR", str(tmp_path))
    (tmp_path / "guangzhou").mkdir()
    (tmp_path / "guangzhou" / "quality.html").write_text("of guangzhou", encoding="utf-8")
    both = {"shaoguan", "guangzhou"}
    assert get("/guangzhou/reports/quality.html", both, two_cities).text == "of guangzhou"
    assert get("/shaoguan/reports/quality.html", both, two_cities).status_code == 404


def test_a_dead_store_is_told_on_its_own_pages_alone(
    two_cities: tuple[Served, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_LOCAL_DB__SHAOGUAN")
    both: set[Any] = {"shaoguan", "guangzhou"}
    assert get("/shaoguan/exchanges", both, two_cities).status_code == 503
    assert get("/guangzhou/exchanges", both, two_cities).status_code == 200


def test_the_menu_leads_to_the_list_of_cities_and_to_no_city_s_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "shaoguan,guangzhou")
    plugin = runpy.run_path(str(PROJECT / "plugins" / "hotline_bridge_plugin.py"))["HotlineBridgePlugin"]
    assert [view["href"] for view in plugin.external_views] == ["hotline/", "hotline/runs/{DAG_ID}/{RUN_ID}"]
