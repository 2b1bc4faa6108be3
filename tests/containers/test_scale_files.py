"""What docker-compose.scale.yaml and kubernetes/values.yaml promise, derived from the files themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from hotline_sandbox.demo import distributed
from tests.containers.container_files import PROJECT, compose, scale, scale_text, services


def pinned(requirements: str) -> dict[str, str]:
    text = (PROJECT / requirements).read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[a-z,-]+\])?==([^ ;\\]+)", text))


def test_the_file_follows_the_compose_specification(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.scale.yaml"
    file.write_text(scale_text(), encoding="utf-8")
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(file)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["valkey", "pgbouncer"])
def test_a_service_of_its_own_is_confined_pinned_and_unpublished(name: str) -> None:
    service = scale()["services"][name]
    assert service["user"] in {"999:999", "postgres"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["networks"] == ["database"]
    assert "ports" not in service
    assert {"cpus", "memory", "pids"} == service["deploy"]["resources"]["limits"].keys()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert {"interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys()
    assert re.fullmatch(r"(docker\.io/valkey/valkey|hotline-pgbouncer):\d+\.\d+\.\d+", service["image"])


def test_every_service_that_works_on_the_stores_goes_through_the_pooler_and_a_migration_does_not() -> None:
    reaching = {name for name, service in services().items() if "HOTLINE_DB_HOST" in service.get("environment", {})} - {
        "airflow-init"
    }
    pooled = {
        name
        for name, service in scale()["services"].items()
        if service.get("environment", {}).get("HOTLINE_DB_HOST") == "pgbouncer"
    }
    assert pooled == reaching | {"worker"}


def test_airflow_has_the_settings_of_the_proof_in_every_service_of_its() -> None:
    airflow = [
        name for name, service in scale()["services"].items() if service.get("image", "").startswith("hotline-b")
    ]
    assert {"scheduler", "worker", "api-server", "dag-processor"} <= set(airflow)
    for name in set(airflow) - {"airflow-init"}:
        environment = scale()["services"][name]["environment"]
        assert {key: environment.get(key) for key in distributed.SETTINGS} == distributed.SETTINGS
    worker = scale()["services"]["worker"]["command"]
    options = re.sub(r" (\d)", r"=\1", " ".join(distributed.SERVICES["worker-1"])).split()
    assert {option for option in options if option.startswith("--") and "hostname" not in option} <= set(worker)


def test_a_worker_has_what_tasks_need_and_a_scheduler_what_is_left() -> None:
    base = services()["scheduler"]
    has = {name: set(scale()["services"][name]["secrets"]) for name in ("scheduler", "worker")}
    assert has["scheduler"] | has["worker"] == {*base["secrets"], "valkey_password"}
    assert has["scheduler"] & has["worker"] == {"valkey_password"}, "no way from a worker into Airflow's database"
    assert has["scheduler"] == {"airflow_db_password", "jwt_secret", "valkey_password"}
    for name, secrets in has.items():
        needed = set(scale()["services"][name]["environment"]["HOTLINE_NEEDS"].split())
        assert needed == secrets - {"alert_mail", "alert_webhook"}
    text = (PROJECT / "docker-compose.scale.yaml").read_text(encoding="utf-8")
    assert text.count("secrets: !override [") == 2, "without the tag Compose adds the base's"
    declared = compose()["secrets"].keys() | scale()["secrets"].keys()
    mounted = {secret for service in scale()["services"].values() for secret in service.get("secrets", ())}
    assert mounted <= declared


def test_celery_comes_with_the_very_versions_of_the_image() -> None:
    ours, more = pinned("requirements.txt"), pinned("requirements-celery.txt")
    assert {name: more[name] for name in ours if name in more} == {name: ours[name] for name in ours if name in more}
    assert {"celery", "redis", "apache-airflow-providers-celery"} <= more.keys() - ours.keys()


def test_celery_is_pinned_with_the_extra_that_its_provider_asks_for() -> None:
    text = (PROJECT / "requirements-celery.txt").read_text(encoding="utf-8")
    assert "\ncelery[redis]==" in text, "pip 23 looks for the newest celery[redis], and finds it without a hash"


@cache
def values() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((PROJECT / "kubernetes" / "values.yaml").read_text(encoding="utf-8")))


def test_the_charts_own_schema_takes_the_values() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    schema = Path(__file__).with_name("airflow_chart_1.22.0.schema.json")
    command = [str(checker), "--schemafile", str(schema), "kubernetes/values.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kubernetes_has_the_settings_of_the_proof_and_the_versions_of_the_project() -> None:
    told = {
        f"AIRFLOW__{section}__{name}".upper(): value
        for section, options in values()["config"].items()
        for name, value in options.items()
    }
    told["AIRFLOW__CORE__EXECUTOR"] = values()["executor"]
    assert {key: told.get(key) for key in distributed.SETTINGS} == distributed.SETTINGS
    assert values()["airflowVersion"] == pinned("requirements.txt")["apache-airflow"]
    image = values()["images"]["airflow"]
    assert f"{image['repository']}:{image['tag']}" == scale()["services"]["worker"]["image"]
    redis = values()["images"]["redis"]
    assert f"{redis['repository']}:{redis['tag']}" == scale()["services"]["valkey"]["image"]


def test_only_who_uses_a_connection_has_it_and_none_stands_in_the_values() -> None:
    parts = {"workers": values()["workers"]["celery"]} | {
        name: values()[name] for name in ("apiServer", "dagProcessor", "migrateDatabaseJob", "scheduler")
    }
    holders: dict[str, set[str]] = {}
    for part, said in parts.items():
        for variable in said.get("env", ()):
            if variable["name"].startswith("AIRFLOW_CONN_"):
                assert variable.keys() == {"name", "valueFrom"}
                holders.setdefault(variable["name"], set()).add(part)
    assert holders == {
        "AIRFLOW_CONN_LOCAL_DB": {"workers", "dagProcessor", "migrateDatabaseJob"},
        "AIRFLOW_CONN_DOCKING_DB": {"workers", "migrateDatabaseJob"},
        "AIRFLOW_CONN_PLATFORM_12315": {"workers"},
        "AIRFLOW_CONN_ALERT_MAIL": {"workers", "dagProcessor"},
        "AIRFLOW_CONN_PAGES_DB": {"apiServer"},
    }
    assert not {variable["name"] for variable in values()["env"]} & holders.keys()
