"""The entry point of the image, started as a plain process with a folder of secrets."""

from __future__ import annotations

import json
import os
import pwd
import runpy
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.containers.container_files import CONTAINERS, HANGS_S
from tests.examples import examples

ENTRYPOINT = CONTAINERS / "bin" / "with_secrets.py"
PRINT_ENVIRONMENT = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
FERNET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
CONNECTION = '{"conn_type": "http", "host": "http://10.0.0.1", "login": "id", "password": "s3cret-token"}'


def start(folder: Path, needs: str, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "AIRFLOW_HOME": str(folder),
        "HOTLINE_SECRETS_FOLDER": str(folder),
        "HOTLINE_NEEDS": needs,
        **more,
    }
    return subprocess.run(
        [ENTRYPOINT, *command], env=environment, capture_output=True, text=True, timeout=HANGS_S, check=False
    )


def exported(folder: Path, needs: str, **more: str) -> dict[str, str]:
    done = start(folder, needs, *PRINT_ENVIRONMENT, **more)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def refusal(folder: Path, needs: str, **more: str) -> str:
    done = start(folder, needs, "true", **more)
    assert done.returncode == 1
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    return sentence


def test_secrets_become_variables_of_the_program_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "airflow_db_password").write_text("p@ss:w/ö%rd$HOME\n")
    (tmp_path / "fernet_key").write_text(FERNET + "\n")
    (tmp_path / "jwt_secret").write_text("jwt-secret")
    (tmp_path / "hotline_bridge_password").write_text('"quoted" \\ 密码')
    (tmp_path / "platform_12315").write_text(CONNECTION)
    (tmp_path / "alert_mail").touch()
    found = exported(
        tmp_path,
        "airflow_db_password fernet_key jwt_secret hotline_bridge_password platform_12315",
        HOTLINE_DB_HOST="db.example",
        HOTLINE_DB_PORT="5433",
    )
    url = urlsplit(found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    assert (url.scheme, url.username, url.hostname, url.port, url.path) == (
        "postgresql+psycopg",
        "airflow",
        "db.example",
        5433,
        "/airflow",
    )
    assert unquote(str(url.password)) == "p@ss:w/ö%rd$HOME"
    assert found["AIRFLOW__CORE__FERNET_KEY"] == FERNET
    assert found["AIRFLOW__API_AUTH__JWT_SECRET"] == "jwt-secret"
    assert found["AIRFLOW_CONN_PLATFORM_12315"] == CONNECTION
    assert json.loads(found["AIRFLOW_CONN_LOCAL_DB"]) == {
        "conn_type": "postgres",
        "host": "db.example",
        "port": 5433,
        "schema": "hotline",
        "login": "hotline_bridge",
        "password": '"quoted" \\ 密码',
    }
    assert "AIRFLOW_CONN_ALERT_MAIL" not in found
    assert (
        found.keys()
        - {
            *("PATH", "AIRFLOW_HOME", "HOTLINE_SECRETS_FOLDER", "HOTLINE_NEEDS", "HOTLINE_DB_HOST", "HOTLINE_DB_PORT"),
            *("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"),
            *("AIRFLOW_CONN_PLATFORM_12315", "AIRFLOW_CONN_LOCAL_DB", "LC_CTYPE"),
        }
        == set()
    )


@given(password=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_password_reaches_airflow_as_it_is(tmp_path: Path, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.configuration import expand_env_var
    from sqlalchemy import make_url

    if "CHANGE-ME" in password:
        return
    sys.path.insert(0, str(ENTRYPOINT.parent))
    try:
        import with_secrets
    finally:
        sys.path.pop(0)
    (tmp_path / "airflow_db_password").write_text(password, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_SECRETS_FOLDER", str(tmp_path))
    url = with_secrets.read_secrets()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert make_url(str(expand_env_var(url))).password == password


@pytest.mark.parametrize("name", ["airflow_db_password", "fernet_key", "platform_12315", "ui_passwords"])
@pytest.mark.parametrize("state", ["missing", "empty", "only a line end", "a folder"])
def test_a_secret_that_is_needed_and_not_there_ends_with_one_sentence(tmp_path: Path, name: str, state: str) -> None:
    if state == "a folder":  # Docker makes one where the file does not stand on the host
        (tmp_path / name).mkdir()
    elif state != "missing":
        (tmp_path / name).write_text("" if state == "empty" else "\n")
    sentence = refusal(tmp_path, name)
    assert sentence.startswith(f"with-secrets: secret {name} is missing or empty: write containers/secrets/{name}")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("platform_12315", "s3cret-token", "is no JSON object: compare it with containers/templates"),
        ("platform_12315", '["s3cret-token"]', "is no JSON object"),
        ("platform_12315", '{"login": "CHANGE-ME", "password": "s3cret-token"}', "still holds CHANGE-ME"),
        ("docking_db", "s3cret-token\0", "holds a NUL character"),
        ("fernet_key", "s3cret-token", "must be 32 bytes in url-safe base64"),
        ("fernet_key", f"{FERNET},s3cret-token", "must be 32 bytes"),
        ("jwt_secret", "s3cret-token $HOME", "which Airflow would change"),
        ("api_secret_key", "~s3cret-token", "which Airflow would change"),
        ("ui_passwords", '{"bob": "s3cret-token"}', "has no password for admin"),
        ("ui_sign_on", '{"client_id": "c", "client_secret": "s3cret-token"}', "lacks metadata, roles"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_and_not_shown(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    sentence = refusal(tmp_path, name, HOTLINE_UI_USERS="admin:admin,bob:viewer")
    assert f"secret {name} " in sentence
    assert words in sentence
    assert "s3cret-token" not in sentence


def test_a_wrong_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "docking_db").write_bytes('{"password": "密码"}'.encode("gbk"))
    assert "secret docking_db is no UTF-8 text" in refusal(tmp_path, "docking_db")


def test_a_misspelt_need_is_named(tmp_path: Path) -> None:
    assert "HOTLINE_NEEDS names fernetkey, which is no secret" in refusal(tmp_path, "fernetkey")


def test_users_and_their_directory_reach_the_programs_that_know_them(tmp_path: Path) -> None:
    sign_on = (
        '{"metadata": "https://id.example/m", "client_id": "c", "client_secret": "s", "roles": {"staff": ["Viewer"]}}'
    )
    (tmp_path / "ui_passwords").write_text('{"admin": "pw"}')
    (tmp_path / "ui_sign_on").write_text(sign_on)
    found = exported(tmp_path, "ui_passwords", HOTLINE_UI_USERS="admin:admin")
    assert found["HOTLINE_UI_PASSWORDS"] == '{"admin": "pw"}'
    assert found["HOTLINE_UI_SIGN_ON"] == sign_on


def test_people_sign_in_at_the_directory_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(CONTAINERS / "webserver_config.py")
    monkeypatch.delenv("HOTLINE_UI_SIGN_ON", raising=False)
    assert runpy.run_path(file)["AUTH_TYPE"] == AUTH_DB
    template = (CONTAINERS / "templates" / "ui_sign_on.json").read_text(encoding="utf-8")
    monkeypatch.setenv("HOTLINE_UI_SIGN_ON", template.replace("CHANGE-ME", "city"))
    found = runpy.run_path(file)
    assert (found["AUTH_TYPE"], found["AUTH_USER_REGISTRATION_ROLE"]) == (AUTH_OAUTH, "Public")
    assert found["AUTH_ROLES_MAPPING"] == {"city": ["bureau-viewer"]}
    [provider] = found["OAUTH_PROVIDERS"]
    assert provider["remote_app"]["server_metadata_url"].startswith("https://city/realms/city/")


def test_the_program_takes_the_place_of_the_entry_point_and_its_status_is_kept(tmp_path: Path) -> None:
    done = start(tmp_path, "", "sh", "-c", 'echo "$PPID"; exit 7')
    assert done.returncode == 7
    assert int(done.stdout) == os.getpid(), "the program's parent is whoever started the entry point"


def test_a_program_that_is_not_there_and_no_program_at_all(tmp_path: Path) -> None:
    done = start(tmp_path, "", "no-such-program")
    assert done.returncode == 127
    assert done.stderr == "with-secrets: cannot start no-such-program: No such file or directory\n"
    assert "name the program to start" in start(tmp_path, "").stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process as another user")
def test_a_user_without_rights_reads_what_make_secrets_wrote_and_is_told_about_the_rest(tmp_path: Path) -> None:
    # Docker mounts each file by itself, so the closed folder on the host is not in the way.
    folder = Path("/var/tmp") / f"hotline-secrets-{os.getpid()}"  # noqa: S108  (pytest's own folders are closed to others)
    folder.mkdir()
    nobody = pwd.getpwnam("nobody")
    try:
        entrypoint = folder / "with-secrets"
        entrypoint.write_bytes(ENTRYPOINT.read_bytes())
        entrypoint.chmod(0o755)
        (folder / "jwt_secret").write_text("jwt-secret")
        for mode in (0o444, 0o400):
            (folder / "jwt_secret").chmod(mode)
            done = subprocess.run(
                [entrypoint, "sh", "-c", "id -u; echo $AIRFLOW__API_AUTH__JWT_SECRET"],
                env={"PATH": os.defpath, "HOTLINE_SECRETS_FOLDER": str(folder), "HOTLINE_NEEDS": "jwt_secret"},
                capture_output=True,
                text=True,
                timeout=HANGS_S,
                check=False,
                user=nobody.pw_uid,
                group=nobody.pw_gid,
                extra_groups=[],
            )
            if mode == 0o444:
                assert done.stdout.split() == [str(nobody.pw_uid), "jwt-secret"]
            else:
                assert done.returncode == 1
                assert "secret jwt_secret may not be read by user" in done.stderr
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_each_of_several_cities_has_connections_in_files_of_its_own(tmp_path: Path) -> None:
    for city in ("shaoguan", "guangzhou"):
        (tmp_path / f"local_db__{city}").write_text(CONNECTION.replace("10.0.0.1", city))
    (tmp_path / "jwt_secret__shaoguan").write_text("of nothing that a city has for itself")
    found = exported(tmp_path, "local_db__shaoguan")
    for city in ("shaoguan", "guangzhou"):
        assert json.loads(found[f"AIRFLOW_CONN_LOCAL_DB__{city.upper()}"])["host"] == f"http://{city}"
    assert not any("JWT" in name for name in found)
    assert refusal(tmp_path, "platform_12315__shaoguan").startswith(
        "with-secrets: secret platform_12315__shaoguan is missing or empty"
    )
    assert "HOTLINE_NEEDS names jwt_secret__shaoguan, which is no secret" in refusal(tmp_path, "jwt_secret__shaoguan")
