"""The pages under FAB, the auth manager that cities sign in with: its four roles, its form, and who is written down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from hotline_sandbox.demo.airflow import PROJECT, AirflowHome
from tests.chromium import chromium, needs_chromium
from tests.orders.order_bridge import COMPLAINT
from tests.ui.running_pages import (
    DECIDES,
    HOST,
    LOOKS,
    PASSWORD,
    UNMASKS,
    Running,
    running_pages,
    signed_in,
    statuses_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parent
MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


SETTINGS = {
    "AIRFLOW__CORE__AUTH_MANAGER": MANAGER,
    "AIRFLOW__FAB__CONFIG_FILE": str(PROJECT / "containers" / "webserver_config.py"),
    "PYTHONPATH": str(PROJECT),
}
BUREAU = ("looks", "decides", "operates", "audits")
"""Users of the bureau's own roles."""


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Server,
    templates: Stores,
    sandbox_process: SandboxControl,
) -> Iterator[Running]:
    def prepare(home: AirflowHome) -> None:
        home.run("db", "migrate", log=home.folder / "migrate.log")
        subprocess.run([sys.executable, FOLDER / "add_fab_users.py", PASSWORD], env=home.environment, check=True)
        for _ in range(2):  # at each start; who is there stays
            make_bureau(home)

    folder = tmp_path_factory.mktemp("fab")
    with running_pages(folder, postgres, templates, sandbox_process, SETTINGS, prepare) as up:
        yield up


def make_bureau(home: AirflowHome) -> None:
    """As the service airflow-init does."""
    roles = ("viewer", "decider", "operator", "auditor")
    users = {
        "HOTLINE_UI_USERS": ",".join(f"{user}:{role}" for user, role in zip(BUREAU, roles, strict=True)),
        "HOTLINE_UI_PASSWORDS": json.dumps(dict.fromkeys(BUREAU, PASSWORD)),
    }
    script = PROJECT / "containers" / "bin" / "ui_accounts.py"
    subprocess.run([sys.executable, script], env={**home.environment, **users}, check=True)


def test_the_roles_of_fab_may_do_what_the_page_on_rights_says(running: Running) -> None:
    assert statuses_of(running) == {"viewer": LOOKS, "user": DECIDES, "op": UNMASKS, "admin": UNMASKS}


def test_the_bureau_s_roles_may_do_what_the_page_on_rights_says(running: Running) -> None:
    decides = {**DECIDES, "send again": 404}
    looks_unmasked = {**LOOKS, "unmask": 422}
    expected = dict(zip(BUREAU, (LOOKS, decides, DECIDES, looks_unmasked), strict=True))
    assert statuses_of(running, BUREAU) == expected


def test_the_menu_is_there_for_who_may_read_plugins(running: Running) -> None:
    statuses = {}
    for role in ("viewer", "user", "op", "admin", *BUREAU):
        with running.client(role) as client:
            statuses[role] = httpx.get(
                f"{running.address}/api/v2/plugins", cookies=client.cookies, timeout=60
            ).status_code
    assert statuses == {"viewer": 403, "user": 403, "op": 200, "admin": 200, **dict.fromkeys(BUREAU, 200)}


def test_who_decides_is_written_down_by_the_name_they_sign_in_with(running: Running) -> None:
    group = {"pile": "versions", "interface": COMPLAINT, "cause": "proname:required", "everything": "on"}
    with running.client("user") as client:
        done = client.post("/quarantine", data={**group, "action": "discard", "confirmed": "on", "reason": "重复登记"})
    assert done.status_code == 303
    with psycopg.connect(running.store) as local:
        assert local.execute("SELECT DISTINCT actor FROM hotline.operator_action").fetchall() == [("airflow:user",)]


@needs_chromium
def test_people_sign_in_by_fab_s_form_and_come_back_to_the_page(running: Running) -> None:
    with chromium(HOST) as browser:
        assert signed_in(browser, running, "viewer").url == f"{running.in_browser}/hotline/orders"


@pytest.mark.parametrize(
    ("granted", "rights"),
    [
        ([("can_read", "DAG:order_report__shaoguan")], ["LOOK"]),
        (
            [
                ("can_read", "DAG:order_report__shaoguan"),
                ("can_edit", "DAG:order_report__shaoguan"),
                ("can_edit", "HITL Detail"),
                ("can_create", "DAG Run:order_report__shaoguan"),
            ],
            ["DECIDE", "LOOK", "SEND_AGAIN"],
        ),
    ],
)
def test_a_role_with_rights_on_one_city_s_dag_has_none_in_another(
    tmp_path: Path, granted: list[tuple[str, str]], rights: list[str]
) -> None:
    home = AirflowHome(tmp_path, {}, {**SETTINGS, "HOTLINE_CITIES": "shaoguan,guangzhou"})
    home.run("db", "migrate", log=tmp_path / "migrate.log")
    done = subprocess.run(
        [sys.executable, FOLDER / "city_rights_under_fab.py", json.dumps(granted)],
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"shaoguan": rights, "guangzhou": []}
