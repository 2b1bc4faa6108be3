"""Run in a process of its own: asks Airflow's API server for the reports, as several users; prints what came, as JSON.

HOTLINE_REPORT_DIR and the environment of an `AirflowHome` say which. Arguments: paths.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime


def main(paths: list[str]) -> dict[str, object]:
    from airflow.plugins_manager import get_fastapi_plugins, get_import_errors

    get_fastapi_plugins()
    loaded = sorted(name for name in sys.modules if name.startswith("hotline_bridge"))

    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from starlette.testclient import TestClient

    client = TestClient(create_app(apps="core"), base_url="http://127.0.0.1:8080")

    def token(role: str | None) -> str:
        return str(get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="someone", role=role)))

    users = {"nobody": None, "forger": "x.y.z", "stranger": token(None), "viewer": token("VIEWER")}
    answers = {}
    for user, jwt in users.items():
        client.cookies.clear()
        if jwt:
            client.cookies.set("_token", jwt)
        answers[user] = {
            path: {"status": got.status_code, "headers": dict(got.headers), "text": got.text}
            for path in paths
            for got in [client.get(path, follow_redirects=False)]
        }
    client.cookies.clear()

    from airflow.models import DagRun
    from airflow.utils.session import create_session

    from hotline_bridge.pages.in_airflow import AirflowRuns, with_rights

    run = DagRun(
        dag_id="order_report", run_id="once", start_date=datetime(2026, 11, 30, 4, tzinfo=UTC), run_type="manual"
    )
    with create_session() as session:
        session.add(run)
    of_airflow = AirflowRuns(SimpleAuthManagerUser(username="someone", role="USER"))
    known = of_airflow.find("order_report", "once")
    runs = (
        known and known.begin.isoformat(),
        of_airflow.find("order_report", "never"),
        of_airflow.start("no_such_dag", {}),
        *_of_one_dag(SimpleAuthManagerUser(username="someone", role="USER")),
    )

    roles = ("VIEWER", "USER", "OP", "ADMIN", None)
    rights = {
        str(role): sorted(right.name for right in with_rights(SimpleAuthManagerUser(username="x", role=role)).rights)
        for role in roles
    }
    cities = _of_cities()
    plugins = client.get("/api/v2/plugins", headers={"Authorization": f"Bearer {token('VIEWER')}"}).json()["plugins"]
    return {
        "loaded": loaded,
        "errors": get_import_errors(),
        "plugin": next(plugin for plugin in plugins if plugin["name"] == "hotline_bridge"),
        "answers": answers,
        "rights": rights,
        "runs": runs,
        "cities": cities,
    }


def _of_one_dag(user: object) -> tuple[object, ...]:
    """What somebody may see and start whose rights are on `order_report` alone."""
    from types import SimpleNamespace
    from unittest import mock

    from hotline_bridge.pages import in_airflow
    from hotline_bridge.pages.rights import Forbidden

    manager = SimpleNamespace(is_authorized_dag=lambda **asked: asked["details"].id == "order_report")
    with (
        mock.patch.object(in_airflow, "get_auth_manager", lambda: manager),
        mock.patch.object(in_airflow, "trigger_dag") as started,
    ):
        runs = in_airflow.AirflowRuns(user)
        try:
            runs.find("telephony_report", "once")
            seen = "shown"
        except Forbidden:
            seen = "forbidden"
        return (
            runs.find("order_report", "once") is not None,
            seen,
            runs.start("count_reconciliation", {}),
            started.call_count,
            runs.start("order_report", {}),
        )


def _of_cities() -> dict[str, object]:
    """What somebody may do in each of two cities who is given the DAG of one and the connection of the other."""
    import os
    from types import SimpleNamespace

    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    from hotline_bridge.cities import acting_for, cities
    from hotline_bridge.pages import in_airflow

    os.environ["HOTLINE_CITIES"] = "shaoguan=韶关,guangzhou=广州"
    with create_session() as session:
        begin = datetime(2026, 11, 30, 4, tzinfo=UTC)
        session.add(DagRun(dag_id="order_report__shaoguan", run_id="mine", start_date=begin, run_type="manual"))
    in_airflow.get_auth_manager = lambda: SimpleNamespace(
        is_authorized_dag=lambda **asked: asked["details"].id == "order_report__shaoguan",
        is_authorized_connection=lambda **asked: asked["details"].conn_id == "local_db__guangzhou",
    )
    found: dict[str, object] = {"app": type(in_airflow.mounted()).__name__}
    for city in cities():
        with acting_for(city):
            user = in_airflow.with_rights(SimpleAuthManagerUser(username="x", role=None))
            try:
                seen = user.runs.find("order_report", "mine") is not None
            except in_airflow.Forbidden:
                seen = False
            found[city.name] = sorted(right.name for right in user.rights), seen
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
