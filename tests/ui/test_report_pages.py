"""Reports and pages inside Airflow: who sees them, what is served and how, and that the plugin loads light."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.reports.files import (
    MONTH_PAGE,
    MONTH_SHEETS,
    QUALITY_PAGE,
    RECONCILIATION_PAGE,
    RECONCILIATION_ROWS,
)
from hotline_sandbox.demo.airflow import AirflowHome
from tests.warm_airflow import migrated

if TYPE_CHECKING:
    from collections.abc import Mapping

ASK = Path(__file__).with_name("ask_for_reports.py")
PREFIX = "/hotline-reports"
PAGE, ROWS, QUALITY = (f"{PREFIX}/{name}" for name in (RECONCILIATION_PAGE, RECONCILIATION_ROWS, QUALITY_PAGE))
SHEETS = f"{PREFIX}/{MONTH_SHEETS}"
ASTRAY = (
    f"{PREFIX}/secret.txt",
    f"{PREFIX}/%2e%2e/secret.txt",
    f"{PREFIX}/..%2fsecret.txt",
    f"{PREFIX}/{RECONCILIATION_PAGE}/../secret.txt",
    f"{PREFIX}/",
    f"{PREFIX}/openapi.json",
    f"{PREFIX}/docs",
)
PAGES = "/hotline/"
SECRET = "what is in no report"
LINES = "\ufeff日期,类别\r\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("reports")
    (folder / RECONCILIATION_PAGE).write_text("<title>对账报告</title>", encoding="utf-8")
    (folder / RECONCILIATION_ROWS).write_bytes(LINES.encode())
    (folder / MONTH_SHEETS).write_bytes(b"PK")
    for place in (folder, folder.parent):
        (place / "secret.txt").write_text(SECRET, encoding="utf-8")
    home = AirflowHome(
        tmp_path_factory.mktemp("airflow"),
        {},
        {
            "HOTLINE_REPORT_DIR": str(folder),
            "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test alone, long enough",
        },
    )
    shutil.copy(migrated(), home.folder / "airflow.db")
    done = subprocess.run(
        [sys.executable, str(ASK), PAGE, ROWS, QUALITY, SHEETS, PAGES, *ASTRAY],
        env=home.environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def text_of(answer: Mapping[str, Any]) -> str:
    return str(answer["text"])


def test_airflow_loads_the_plugin_once_without_what_serves(asked: Any) -> None:
    assert asked["errors"] == {}
    # No module of the package under its bare name either; what the list of providers needs is loaded by that.
    assert [name for name in asked["loaded"] if not name.startswith("hotline_bridge.")] == [
        "hotline_bridge",
        "hotline_bridge_plugin",
    ]
    parts = {name.split(".")[1] for name in asked["loaded"] if "." in name}
    assert parts & {"pages", "reports", "tasks", "dags", "outbound", "inbound", "reconcile"} == set()


@pytest.mark.parametrize(("user", "status"), [("nobody", 401), ("forger", 403), ("stranger", 403)])
@pytest.mark.parametrize("path", [PAGE, ROWS, QUALITY, SHEETS])
def test_who_may_not_see_gets_nothing_but_the_way_to_sign_in(asked: Any, user: str, status: int, path: str) -> None:
    answer = asked["answers"][user][path]
    assert answer["status"] == status
    assert "日期" not in text_of(answer)
    assert "<title>对账报告</title>" not in text_of(answer)
    if user == "nobody":  # the forger is answered by Airflow itself
        there = f"/hotline/reports/{path.rpartition('/')[2]}".replace("/", "%2F")
        assert f"../api/v2/auth/login?next={there}" in text_of(answer)


def test_who_may_see_gets_the_reports_as_they_are(asked: Any) -> None:
    page, rows = (asked["answers"]["viewer"][path] for path in (PAGE, ROWS))
    assert page["status"] == rows["status"] == 200
    assert text_of(page) == "<title>对账报告</title>"
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    assert text_of(rows).lstrip("\ufeff") == LINES.lstrip("\ufeff")
    assert rows["headers"]["content-type"] == "text/csv; charset=utf-8"
    assert rows["headers"]["content-disposition"] == f'attachment; filename="{RECONCILIATION_ROWS}"'


def test_sheets_are_kept_rather_than_shown(asked: Any) -> None:
    sheets = asked["answers"]["viewer"][SHEETS]
    assert sheets["status"] == 200
    assert sheets["headers"]["content-type"].startswith("application/vnd.openxmlformats")
    assert sheets["headers"]["content-disposition"] == f'attachment; filename="{MONTH_SHEETS}"'


def test_a_report_that_is_not_there_yet_is_a_sentence_in_chinese(asked: Any) -> None:
    answer = asked["answers"]["viewer"][QUALITY]
    assert answer["status"] == 404
    assert "数据质量报告尚未生成" in text_of(answer)
    assert "quality_check" in text_of(answer)


@pytest.mark.parametrize("path", [PAGE, ROWS, QUALITY])
@pytest.mark.parametrize("user", ["nobody", "viewer"])
def test_no_answer_is_kept_framed_elsewhere_or_runs_anything(asked: Any, user: str, path: str) -> None:
    headers = asked["answers"][user][path]["headers"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert not any("unsafe" in directive for directive in policy if directive.startswith("script-src"))
    if asked["answers"][user][path]["status"] == 200:
        assert "form-action 'none'" in policy
        assert not any(directive.startswith("script-src") for directive in policy)


@pytest.mark.parametrize("path", ASTRAY)
def test_nothing_of_a_request_becomes_a_path(asked: Any, path: str) -> None:
    for answers in asked["answers"].values():
        assert SECRET not in text_of(answers[path])
        assert "paths" not in text_of(answers[path])
        assert answers[path]["headers"]["content-type"] != "text/plain; charset=utf-8"


def test_the_menu_leads_to_what_is_served(asked: Any) -> None:
    views = {view["name"]: view for view in asked["plugin"]["external_views"]}
    assert {name: f"/{view['href']}" for name, view in views.items()} == {
        "热线对接": PAGES,
        "与平台的交互": f"{PAGES}runs/{{DAG_ID}}/{{RUN_ID}}",
        "对账报告": PAGE,
        "质量报告": QUALITY,
        "分析月报": f"{PREFIX}/{MONTH_PAGE}",
        "对账明细 CSV": ROWS,
        "分析月报 XLSX": SHEETS,
    }
    assert all(view["icon"].startswith("data:image/svg+xml,") for view in views.values() if view["icon"])


def test_the_pages_know_the_runs_of_airflow(asked: Any) -> None:
    begin, unknown, started, *_ = asked["runs"]
    assert begin == "2026-11-30T04:00:00+00:00"
    assert (unknown, started) == (None, False)


def test_a_run_is_shown_and_started_by_the_right_on_its_own_dag(asked: Any) -> None:
    assert asked["runs"][3:] == [True, "forbidden", False, 0, True]


@pytest.mark.parametrize(("user", "status"), [("nobody", 401), ("stranger", 403)])
def test_pages_too_are_for_who_may_look(asked: Any, user: str, status: int) -> None:
    answer = asked["answers"][user][PAGES]
    assert answer["status"] == status
    assert "<nav" not in text_of(answer)


def test_a_viewer_gets_a_page_in_words_also_where_no_store_is_set_up(asked: Any) -> None:
    answer = asked["answers"]["viewer"][PAGES]
    assert answer["status"] == 503
    assert "本地库现在不能使用" in text_of(answer)


def test_the_four_rights_follow_the_roles_of_airflow(asked: Any) -> None:
    assert asked["rights"] == {
        "VIEWER": ["LOOK"],
        "USER": ["DECIDE", "LOOK", "SEND_AGAIN"],
        "OP": ["DECIDE", "LOOK", "SEND_AGAIN", "UNMASK"],
        "ADMIN": ["DECIDE", "LOOK", "SEND_AGAIN", "UNMASK"],
        "None": [],
    }


def test_the_rights_in_a_city_follow_its_own_dag_and_connection(asked: Any) -> None:
    assert asked["cities"] == {
        "app": "PagesByCity",
        "shaoguan": [["DECIDE", "LOOK", "SEND_AGAIN"], True],
        "guangzhou": [["UNMASK"], False],
    }
