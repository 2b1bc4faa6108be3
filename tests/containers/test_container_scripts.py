"""The shell scripts around the containers, run as they stand."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
import yaml

from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.account import Account, programs_for
from hotline_sandbox.demo.postgres import Server, remove_postgres, running_postgres, throwaway_postgres
from tests.containers.container_files import CONTAINERS, HANGS_S, PROJECT, compose, scale, services
from tests.containers.running_services import make_accounts, make_secrets, run_with_psql

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_make_secrets_makes_every_secret_of_the_compose_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    said = make_secrets(folder)
    assert {path.name for path in folder.iterdir()} == compose()["secrets"].keys() | scale()["secrets"].keys()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    random = [p.read_text() for p in folder.iterdir() if p.name.endswith(("password", "key", "secret", "token"))]
    assert len(set(random)) == len(random) == 12
    assert all(len(text) >= 32 for text in random)
    assert not any(text in said for text in random)
    assert len(base64.urlsafe_b64decode((folder / "fernet_key").read_text())) == 32
    assert len((folder / "jwt_secret").read_text()) >= 64
    assert len(json.loads((folder / "ui_passwords").read_text())["admin"]) >= 16
    assert said.splitlines()[-2:] == [f"fill in {folder}/{name}" for name in ("docking_db", "platform_12315")]


def test_make_secrets_leaves_what_is_there_alone(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    (tmp_path / "platform_12315").unlink()
    (tmp_path / "platform_12315").write_text('{"login": "filled in"}')
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    for name in ("fernet_key", "jwt_secret", "alert_mail"):
        (tmp_path / name).unlink()
    (tmp_path / "jwt_secret").touch()
    (tmp_path / "alert_mail").mkdir()  # by Docker, where it found no file
    made = {line.removeprefix(f"made {tmp_path}/") for line in make_secrets(tmp_path).splitlines() if "made" in line}
    assert made == {"fernet_key", "jwt_secret", "alert_mail"}
    after = {path.name: path.read_text() for path in tmp_path.iterdir()}
    for name in ("fernet_key", "jwt_secret"):
        assert after.pop(name) != before.pop(name)
    assert after == before
    assert "made" not in make_secrets(tmp_path)


def test_the_demo_leads_to_the_services_of_the_profile(tmp_path: Path) -> None:
    assert "fill in" not in make_secrets(tmp_path, "--demo")
    docking, platform = (json.loads((tmp_path / name).read_text()) for name in ("docking_db", "platform_12315"))
    assert docking["host"] == "docking"
    assert docking["password"] == (tmp_path / "docking_password").read_text()
    server = compose()["services"]["docking"]["environment"]
    assert (docking["login"], docking["schema"]) == (server["POSTGRES_USER"], server["POSTGRES_DB"])
    command = compose()["services"]["sandbox"]["command"]
    assert f"--port={platform['host'].removeprefix('http://sandbox:')}" in command
    assert platform["password"] == (tmp_path / "sandbox_token").read_text()


ODD = {
    "airflow_db_password": 'it\'s "odd" \\ `x` $HOME',
    "hotline_owner_password": "'; DROP ROLE postgres; --",
    "hotline_bridge_password": ":'owner' 密码",
    "hotline_ui_password": "$(id) `id`",
    "hotline_gate_password": "%s {} ;",
}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    for name, password in ODD.items():
        (tmp_path / name).write_text(password + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that writes down every statement, as some are told to."""
    folder = tmp_path / "server"
    try:
        with running_postgres(folder, durable=False, settings={"log_statement": "all"}) as server:
            yield server
    finally:
        remove_postgres(folder)


def test_accounts_own_no_more_than_they_need(server: Server, secrets: Path) -> None:
    done = make_accounts(server, secrets)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def connected(user: str, database: str) -> psycopg.Connection:
        name = "airflow_db_password" if user == "airflow" else f"{user}_password"
        return psycopg.connect(server.conninfo(database, user, ODD[name]), autocommit=True)

    def refused(user: str, database: str, statement: LiteralString = "SELECT") -> None:
        with (
            pytest.raises(
                (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege), match=r"denied|must be owner"
            ),
            connected(user, database) as connection,
        ):
            connection.execute(statement)

    with connected("airflow", "airflow") as connection:
        connection.execute("CREATE TABLE made (n int)")
    steps = migrate_local(server.conninfo("hotline", "hotline_owner", ODD["hotline_owner_password"]))
    assert not any("lacks" in step or "missing" in step for step in steps), steps
    with connected("hotline_bridge", "hotline") as connection:
        connection.execute("DELETE FROM hotline.delivery")
        connection.execute("CREATE TEMPORARY TABLE batch (n int)")
    refused("hotline_bridge", "hotline", "CREATE TABLE hotline.mine (n int)")
    refused("hotline_bridge", "hotline", "DROP TABLE hotline.delivery")
    refused("hotline_owner", "hotline", "CREATE ROLE mine")
    for user, database in (
        ("hotline_bridge", "airflow"),
        ("hotline_owner", "airflow"),
        ("airflow", "hotline"),
        ("airflow", "postgres"),
    ):
        refused(user, database)
    a_city_has_a_store_that_no_other_enters(server, secrets)


def a_city_has_a_store_that_no_other_enters(server: Server, folder: Path) -> None:
    (folder / "docking_password").write_text("x")
    for city in ("shaoguan", "guangzhou"):
        made = run_with_psql(server, ["psql", "--quiet"], folder, make_city(folder, city).stdout, PGDATABASE="postgres")
        assert (made.returncode, made.stderr) == (0, "")

    def conninfo(secret: str, database: str) -> str:
        said = json.loads((folder / secret).read_text())
        return server.conninfo(database, said["login"], said["password"])

    own = json.loads((folder / "local_db__shaoguan").read_text())["schema"]
    steps = migrate_local(conninfo("owner_db__shaoguan", own))
    assert not any("lacks" in step or "missing" in step for step in steps), steps
    with psycopg.connect(conninfo("local_db__shaoguan", own)) as connection:
        connection.execute("DELETE FROM hotline.delivery")
    for secret in ("owner_db__guangzhou", "local_db__guangzhou", "pages_db__guangzhou", "gateway_db__guangzhou"):
        with pytest.raises(psycopg.OperationalError, match="denied"):
            psycopg.connect(conninfo(secret, own))


def make_city(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", CONTAINERS / "make-city.sh", *arguments, *(["12346"] if len(arguments) == 1 else [])],
        env={"PATH": os.defpath, "HOTLINE_SECRETS_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_city_s_file_names_secrets_that_are_made_and_is_made_anew_without_new_ones(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    make_secrets(secrets)
    first = make_city(secrets, "shaoguan")
    assert first.returncode == 0, first.stderr
    assert make_city(secrets, "shaoguan").stdout == first.stdout
    file = yaml.safe_load((tmp_path / "cities" / "shaoguan.yaml").read_text().replace("!override ", ""))
    assert all((secrets / name).exists() for name in file["secrets"])
    assert all((secrets / name).stat().st_mode & 0o777 == 0o444 for name in file["secrets"])
    assert "CHANGE-ME" in (secrets / "platform_12315__shaoguan").read_text()
    several = yaml.safe_load((PROJECT / "docker-compose.cities.yaml").read_text().replace("!override ", ""))
    for name, service in several["services"].items():
        # What one city has is taken out, and the file of each city puts its own in.
        left = set(service.get("secrets", services()[name]["secrets"]))
        of_one_city = {secret for secret in services()[name]["secrets"] if secret not in left}
        assert left <= set(services()[name]["secrets"])
        assert set(service.get("environment", {}).get("HOTLINE_NEEDS", "").split()) <= left
        assert bool(of_one_city) == (name in file["services"]), name


@pytest.mark.parametrize(
    "arguments", [("Shaoguan", "1"), ("1shaoguan", "1"), ("shao_guan", "1"), ("", "1"), ("a;b", "1")]
)
def test_a_name_that_is_no_city_s_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    make_secrets(tmp_path)
    done = make_city(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: make-city.sh" in done.stderr


def test_no_password_reaches_the_log_of_the_server(server: Server, secrets: Path, tmp_path: Path) -> None:
    home = tmp_path / "server"
    log = (home / "elsewhere" if (home / "elsewhere").exists() else home) / "server.log"
    assert make_accounts(server, secrets).returncode == 0
    again = make_accounts(server, secrets)
    assert "already exists" in again.stderr, "a failing statement is written down, unless one sees to it"
    text = log.read_text(encoding="utf-8")
    assert "SET log_statement" in text
    assert "already exists" in text
    for password in ODD.values():
        assert password not in text
        assert password.replace("'", "''") not in text


def test_the_health_checks_of_both_servers_tell_whether_they_answer(tmp_path: Path) -> None:
    programs = programs_for(tmp_path, Account(os.geteuid(), os.getegid(), switched=False))

    def check(service: str, port: int) -> int:
        kind, program, *options = services()[service]["healthcheck"]["test"]
        assert kind == "CMD"
        return subprocess.run([programs / program, *options, f"--port={port}"], env={}, check=False).returncode

    with throwaway_postgres() as server:
        assert [check(service, server.port) for service in ("postgres", "docking")] == [0, 0]
    assert [check(service, server.port) for service in ("postgres", "docking")] == [2, 2]


def test_a_missing_password_is_named_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "airflow_db_password").write_text("x")
    done = subprocess.run(
        ["sh", CONTAINERS / "postgres" / "10-accounts.sh"],
        env={"PATH": os.defpath, "HOTLINE_SECRETS_FOLDER": str(tmp_path), "POSTGRES_USER": "postgres"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "secret hotline_owner_password is missing or empty" in done.stderr


def groom(tmp_path: Path, *arguments: str, airflow: str = "exit 0", **more: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "bin").mkdir(exist_ok=True)
    stand_in = (
        tmp_path / "bin" / "airflow"
    )  # what it is asked for is looked at here; the real one in test_live_services
    stand_in.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\n{airflow}\n')
    stand_in.chmod(0o755)
    return subprocess.run(
        [CONTAINERS / "bin" / "groom.sh", *arguments],
        env={
            "PATH": f"{tmp_path / 'bin'}:{os.defpath}",
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(tmp_path / "logs"),
            **more,
        },
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )


def aged(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    moment = time.time() - days * 86400
    os.utime(path, (moment, moment))
    return path


def test_grooming_deletes_old_logs_and_keeps_the_rest(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    old, new = aged(logs / "a" / "run_1" / "old.log", 12), aged(logs / "a" / "run_2" / "new.log", 9)
    for folder in (old.parent, new.parent):
        moment = time.time() - 11 * 86400
        os.utime(folder, (moment, moment))
    done = groom(tmp_path, "--once", LOG_DAYS="10")
    assert done.returncode == 0, done.stderr
    assert new.exists()
    assert not old.exists()
    assert (tmp_path / "groomed").exists()
    assert (tmp_path / "asked").read_text().startswith("db clean --yes --skip-archive --clean-before-timestamp 20")


def test_grooming_that_fails_is_not_marked_as_done(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    assert groom(tmp_path, "--once", airflow="exit 3").returncode == 3
    assert not (tmp_path / "groomed").exists()


@pytest.mark.parametrize("days", ["0", "-1", "3.5", "ten"])
def test_grooming_refuses_a_retention_that_would_delete_everything(tmp_path: Path, days: str) -> None:
    kept = aged(tmp_path / "logs" / "kept.log", 100)
    assert groom(tmp_path, "--once", LOG_DAYS=days).returncode == 1
    assert kept.exists()


def test_initialising_stops_at_the_first_failure(tmp_path: Path) -> None:
    for name, status in (("airflow", 0), ("ui-accounts", 0), ("hotline", 5)):
        stand_in = tmp_path / name
        stand_in.write_text(f'#!/bin/sh\necho "{name} $@"\nexit {status}\n')
        stand_in.chmod(0o755)
    done = subprocess.run(
        [CONTAINERS / "bin" / "initialise.sh"],
        env={"PATH": f"{tmp_path}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    assert done.stdout.splitlines() == ["airflow db migrate", "ui-accounts ", "hotline migrate"]


def test_templates_become_connections_once_they_are_filled_in(tmp_path: Path) -> None:
    for template in CONTAINERS.glob("templates/*.json"):
        text = template.read_text(encoding="utf-8")
        assert template.stem in compose()["secrets"]
        assert "CHANGE-ME" in text
        (tmp_path / template.stem).write_text(text.replace("CHANGE-ME", "value"))
    done = subprocess.run(
        [CONTAINERS / "bin" / "with_secrets.py", sys.executable, "-c", "import os; print(*sorted(os.environ))"],
        env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOTLINE_SECRETS_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    made = {name for name in done.stdout.split() if name.startswith(("AIRFLOW_CONN_", "HOTLINE_UI_"))}
    connections = {path.stem.upper() for path in CONTAINERS.glob("templates/*.json")} - {"UI_SIGN_ON"}
    assert made == {"HOTLINE_UI_SIGN_ON", *(f"AIRFLOW_CONN_{name}" for name in connections)}
