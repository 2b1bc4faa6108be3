#!/usr/bin/env python3
"""Reads the secrets of a container into the environment of one program, and becomes that program.

    with-secrets airflow scheduler
    with-secrets hotline status

The image's entry point. A secret is a file in /run/secrets. So passwords stand neither in the compose file nor in the
image nor in an argument list, and `docker inspect` does not show them. What is started beside the entry point (health
checks, `docker compose exec`) needs the word `with-secrets` before it. Of several cities each has its connections in
files of their own, such as `local_db__shaoguan`.

Environment:
    HOTLINE_NEEDS            names of the secrets that this container cannot do without; others are read where they are
    HOTLINE_SECRETS_FOLDER   where they lie; /run/secrets
    HOTLINE_DB_HOST          server of the databases `airflow` and `hotline`; postgres
    HOTLINE_DB_PORT          its port; 5432
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import quote

PLACEHOLDER = "CHANGE-ME"
Variables = dict[str, str]


class SecretError(Exception):
    """A secret is missing or cannot be used; the message says which and what to do, and never holds its content."""


def main(command: list[str]) -> None:
    """Become the command. Ends with 1 and one sentence where a secret is missing or wrong, with 127 without program."""
    if not command:
        sys.exit("with-secrets: name the program to start, such as `with-secrets hotline status`")
    try:
        environment = {**os.environ, **read_secrets()}
    except SecretError as error:
        sys.exit(f"with-secrets: {error}")
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606  (a container's command is its operator's)
    except OSError as error:
        sys.stderr.write(f"with-secrets: cannot start {command[0]}: {error.strerror}\n")
        sys.exit(127)


def read_secrets() -> Variables:
    """The variables that the secrets of this container become.

    Raises:
        SecretError: One that is needed is missing or empty, or one cannot be used.
    """
    folder = Path(os.environ.get("HOTLINE_SECRETS_FOLDER", "/run/secrets"))
    needed = os.environ.get("HOTLINE_NEEDS", "").split()
    readers = {**READERS, **{file.name: _connection for file in folder.glob("*__*") if _is_of_a_city(file.name)}}
    if unknown := sorted(name for name in set(needed) - READERS.keys() if not _is_of_a_city(name)):
        raise SecretError(f"HOTLINE_NEEDS names {', '.join(unknown)}, which is no secret: use {', '.join(READERS)}")
    variables: Variables = {}
    for name in dict.fromkeys([*readers, *needed]):
        text = _text(folder / name)
        if text:
            variables |= readers[name](name, text)
        elif name in needed:
            raise SecretError(
                f"secret {name} is missing or empty: write containers/secrets/{name}"
                " (sh containers/make-secrets.sh makes what is missing), then start this service again"
            )
    return variables


def _is_of_a_city(name: str) -> bool:
    fixed, _, city = name.partition("__")
    return bool(city) and fixed in OF_A_CITY


def _text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return ""
    except IsADirectoryError:  # what Docker mounts where the file does not stand on the host
        return ""
    except PermissionError:
        raise SecretError(
            f"secret {file.name} may not be read by user {os.geteuid()}: chmod 444 the file (its folder keeps others"
            " out, mode 700)"
        ) from None
    except UnicodeDecodeError:
        raise SecretError(f"secret {file.name} is no UTF-8 text: write it again without a byte order mark") from None
    if PLACEHOLDER in text:
        raise SecretError(f"secret {file.name} still holds {PLACEHOLDER}: write the real value there")
    if "\0" in text:
        raise SecretError(f"secret {file.name} holds a NUL character: write it again")
    return text


def _database() -> tuple[str, int]:
    port = os.environ.get("HOTLINE_DB_PORT", "5432")
    if not (port.isascii() and port.isdigit()):
        raise SecretError("HOTLINE_DB_PORT must be a port number")
    return os.environ.get("HOTLINE_DB_HOST", "postgres"), int(port)


def _airflow_database(_name: str, password: str) -> Variables:
    host, port = _database()
    # Quoted whole: Airflow also expands `$NAME` in what it reads from the environment.
    url = f"postgresql+psycopg://airflow:{quote(password, safe='')}@{host}:{port}/airflow"
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}


def _broker(_name: str, password: str) -> Variables:
    address = f"redis://:{quote(password, safe='')}@valkey:6379"
    return {"AIRFLOW__CELERY__BROKER_URL": f"{address}/0", "AIRFLOW__CELERY__RESULT_BACKEND": f"{address}/1"}


def _local_store(name: str, password: str) -> Variables:
    return {"AIRFLOW_CONN_LOCAL_DB": _account(name, password)}


def _pages(name: str, password: str) -> Variables:
    return {"AIRFLOW_CONN_PAGES_DB": _account(name, password)}


def _gateway(name: str, password: str) -> Variables:
    return {"AIRFLOW_CONN_GATEWAY_DB": _account(name, password)}


def _account(name: str, password: str) -> str:
    """A connection to the local store."""
    host, port = _database()
    connection = {
        "conn_type": "postgres",
        "host": host,
        "port": port,
        "schema": "hotline",
        "login": name.removesuffix("_password"),
        "password": password,
    }
    return json.dumps(connection)


def _key(variable: str) -> Callable[[str, str], Variables]:
    def read(name: str, text: str) -> Variables:
        if "$" in text or text.startswith("~") or any(character.isspace() for character in text):
            raise SecretError(
                f"secret {name} holds a blank, `$` or a leading `~`, which Airflow would change: use letters and digits"
            )
        return {variable: text}

    return read


def _fernet_key(name: str, text: str) -> Variables:
    for key in text.split(","):  # several while they are rotated, the newest first
        try:
            decoded = base64.urlsafe_b64decode(key.strip())
        except ValueError:
            decoded = b""
        if len(decoded) != 32:
            raise SecretError(f"secret {name} must be 32 bytes in url-safe base64 (several with commas between them)")
    return {"AIRFLOW__CORE__FERNET_KEY": text}


def _connection(name: str, text: str) -> Variables:
    _object(name, text)
    return {f"AIRFLOW_CONN_{name.upper()}": text}


def _ui_passwords(name: str, text: str) -> Variables:
    passwords = _object(name, text)
    users = [user.split(":")[0].strip() for user in os.environ[USERS].split(",")] if os.environ.get(USERS) else []
    if without := [user for user in users if not passwords.get(user)]:
        raise SecretError(f"secret {name} has no password for {', '.join(without)}, whom {USERS} names: add it")
    return {"HOTLINE_UI_PASSWORDS": text}


def _ui_sign_on(name: str, text: str) -> Variables:
    said = _object(name, text)
    if missing := [field for field in ("metadata", "client_id", "client_secret", "roles") if not said.get(field)]:
        raise SecretError(f"secret {name} lacks {', '.join(missing)}: compare it with containers/templates")
    return {"HOTLINE_UI_SIGN_ON": text}


def _object(name: str, text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SecretError(f"secret {name} is no JSON object: compare it with containers/templates")
    return cast("dict[str, object]", value)


USERS = "HOTLINE_UI_USERS"
READERS: dict[str, Callable[[str, str], Variables]] = {
    "airflow_db_password": _airflow_database,
    "valkey_password": _broker,
    "fernet_key": _fernet_key,
    "jwt_secret": _key("AIRFLOW__API_AUTH__JWT_SECRET"),
    "api_secret_key": _key("AIRFLOW__API__SECRET_KEY"),
    "ui_passwords": _ui_passwords,
    "ui_sign_on": _ui_sign_on,
    "hotline_owner_password": _local_store,
    "hotline_bridge_password": _local_store,
    "hotline_ui_password": _pages,
    "hotline_gate_password": _gateway,
    "docking_db": _connection,
    "docking_gateway_db": _connection,
    "gateway_12345": _connection,
    "platform_12315": _connection,
    "alert_mail": _connection,
    "alert_webhook": _connection,
    "sandbox_token": _key("HOTLINE_SANDBOX_TOKEN"),
}
"""What each secret becomes."""
OF_A_CITY = {
    *(name for name, read in READERS.items() if read is _connection),
    *("local_db", "pages_db", "gateway_db", "analyst_db"),
}
"""Connections that each of several cities has for itself, behind whose names `__` and its own stand."""

if __name__ == "__main__":
    main(sys.argv[1:])
