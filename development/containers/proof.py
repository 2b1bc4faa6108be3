"""What a running stack has to show: the main job, the UI's users, the gateway, health, and no secret in a log."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx

from development.containers.engine import docker, inspect
from development.containers.stack import USERS, named, until
from hotline_bridge.names import DAG_ZH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from development.containers.stack import Stack

DAGS = sorted(DAG_ZH)
ACCOUNTED = ("delivered", "held", "quarantined", "superseded", "copies", "discarded")
"""Where a docking row may be once all is done."""
_PLATFORM = (
    "import json; from hotline_sandbox.server.control import SandboxControl;"
    " print(json.dumps(SandboxControl('http://127.0.0.1:12315').counts()))"
)
_SLOW = (
    "from hotline_sandbox.server.control import SandboxControl;"
    " SandboxControl('http://127.0.0.1:12315').set_faults({faults})"
)
_LATENCY = {"kind": "latency", "interface": "*", "ms": 5_000}
_DELIVERS = "SELECT hostname FROM task_instance WHERE state = 'running' AND dag_id = 'telephony_report'"
"""The worker's host is its container."""
_IN_FLIGHT = "SELECT count(*) FROM hotline.delivery WHERE claimed_until > now()"
_DELIVERED = (
    "SELECT interface, count(DISTINCT key), count(*) FROM hotline.delivery WHERE state = 'delivered' GROUP BY interface"
)


class NotShownError(Exception):
    """Something is not as it must be; the message says what."""


def start_the_main_job(stack: Stack) -> None:
    """Mark each docking store for trial, and switch every DAG on."""
    stack.compose("run", "--rm", "-T", "airflow-init", "hotline", "migrate", "--for-trial")
    known = "SELECT count(*) FROM dag"
    until(lambda: stack.ask("airflow", known) == [[str(len(DAGS) * len(stack.cities))]], "the DAGs are parsed")
    stack.run("scheduler", "airflow", "dags", "unpause", "--yes", "--treat-dag-id-as-regex", ".*")


def write_rows(stack: Stack, *, logs: int, orders: int, seed: int) -> None:
    """Invented rows into the docking store of each city, of each next a tenth more."""
    for number, city in enumerate(stack.cities):
        for option, count in (("--rows", logs), ("--orders", orders)):
            more = str(count + count * number // 10)
            sandbox = named("sandbox", city)
            stack.run(sandbox, "hotline-sandbox", "sample", option, more, "--seed", str(seed + number))


def all_delivered(stack: Stack) -> bool:
    """Whether no row waits any more, in any store."""
    return all(_all_delivered(stack, city) for city in stack.cities)


def _all_delivered(stack: Stack, city: str) -> bool:
    waiting = stack.ask(named("hotline", city, "_"), "SELECT count(*) FROM hotline.delivery WHERE state = 'waiting'")
    logs = ("call_log", "recording_log", "seat_login_log", "satisfaction_log")
    tables = (*logs, "complaint_order", "report_order", "consultation_order")
    unread = " UNION ALL ".join(f"SELECT 1 FROM docking.{name} WHERE collected_at IS NULL" for name in tables)  # noqa: S608
    return waiting == [["0"]] == stack.ask(named("docking", city, "_"), f"SELECT count(*) FROM ({unread}) AS u")  # noqa: S608


def green_since(stack: Stack, moment: float) -> bool:
    """Whether a run of each city's `telephony_report` that began after a moment has come to its end well."""
    query = (
        "SELECT count(DISTINCT dag_id) FROM dag_run WHERE dag_id LIKE 'telephony_report%' AND state = 'success'"  # noqa: S608
        f" AND start_date > to_timestamp({moment:.3f})"
    )
    return stack.ask("airflow", query) == [[str(len(stack.cities))]]


def every_dag_is_green(stack: Stack) -> bool:
    """Whether a run of each DAG has come to its end well; where all have failed, another one is started.

    The first reconciliation meets the first rows half delivered, is rightly red, and would come again a day later.
    """
    for (name,) in stack.ask("airflow", "SELECT dag_id FROM dag_run GROUP BY dag_id HAVING bool_and(state = 'failed')"):
        stack.run("scheduler", "airflow", "dags", "trigger", name)
    done = stack.ask("airflow", "SELECT DISTINCT dag_id FROM dag_run WHERE state = 'success'")
    return {named(dag, city, "__") for dag in DAGS for city in stack.cities} <= {name for (name,) in done}


def delivered(stack: Stack, city: str = "") -> dict[str, tuple[int, int]]:
    """Records and versions delivered, by interface."""
    rows = stack.ask(named("hotline", city, "_"), _DELIVERED)
    return {name: (int(keys), int(versions)) for name, keys, versions in rows}


def counts_agree(
    stack: Stack, city: str = "", forgotten: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, int]:
    """A city's docking rows by what became of them, over all interfaces; `sent_again` are bodies beyond one a version.

    Args:
        stack: The services.
        city: Whose rows.
        forgotten: What was delivered to the platform before it was started anew, which keeps all in memory.

    Raises:
        NotShownError: A row is neither delivered nor accounted for, or the platform has not what was delivered.
    """
    total: dict[str, int] = {"docking_rows": 0, **dict.fromkeys(ACCOUNTED, 0)}
    platform: dict[str, dict[str, int]] = json.loads(
        stack.compose("exec", "-T", named("sandbox", city), "python", "-c", _PLATFORM)
    )
    done = delivered(stack, city)
    sent_again = 0
    for record in _status(stack, city):
        accounted = sum(record[state] for state in ACCOUNTED)
        if not record["adds_up"] or record["docking_rows"] != accounted:
            raise NotShownError(
                f"{record['interface']}: {record['docking_rows']} docking rows, {accounted} accounted for"
            )
        has = platform.get(record["interface"], {"distinct": 0, "accepted": 0})
        before = (forgotten or {}).get(record["interface"], (0, 0))
        keys, versions = (now - then for now, then in zip(done.get(record["interface"], (0, 0)), before, strict=True))
        if has["distinct"] != keys or has["accepted"] < versions:
            raise NotShownError(
                f"{record['interface']}: {versions} versions of {keys} records delivered, the platform accepted"
                f" {has['accepted']} of {has['distinct']}"
            )
        sent_again += has["accepted"] - versions
        for name in total:
            total[name] += record[name]
    if not total["delivered"]:
        raise NotShownError("nothing was delivered")
    return {**total, "sent_again": sent_again}


def _status(stack: Stack, city: str) -> list[dict[str, Any]]:
    """The records of `hotline status`, of which it ends with 1 where collecting is not whole yet."""
    records: list[dict[str, Any]] = []
    whose = f"--city {city}" if city else ""
    for flow in ("telephony", "order"):
        said = stack.run(stack.tasks_run_in, "sh", "-c", f"hotline {whose} status {flow} --json || true")
        records += json.loads(said.strip().splitlines()[-1])
    return records


def users_may_what_their_roles_say(stack: Stack) -> int:
    """Sign each user of the UI in, and look at a page. Returns how many.

    Raises:
        NotShownError: Somebody is let in who should not be, or the other way round.
    """
    passwords = json.loads(stack.secret("ui_passwords"))
    with httpx.Client(base_url=stack.ui, timeout=60, trust_env=False) as client:
        if client.get("/").status_code not in {200, 302, 307}:
            raise NotShownError("the UI does not answer")
        if _token(client, "admin", "wrong") is not None:
            raise NotShownError("a wrong password signs in")
        for name in USERS:
            token = _token(client, name, passwords[name])
            if token is None:
                raise NotShownError(f"user {name} cannot sign in with the password of secret ui_passwords")
            page = client.get("/hotline/", headers={"Authorization": f"Bearer {token}"})
            menu = client.get("/api/v2/plugins", headers={"Authorization": f"Bearer {token}"})
            if page.status_code != 200 or menu.status_code != 200:
                raise NotShownError(f"user {name}: page {page.status_code}, menu {menu.status_code}")
    return len(USERS)


def _token(client: httpx.Client, name: str, password: str) -> str | None:
    given = client.post("/auth/token", json={"username": name, "password": password})
    return str(given.json()["access_token"]) if given.is_success else None


def gateways_answer(stack: Stack) -> None:
    """Raises NotShownError unless each is ready."""
    for gateway in stack.gateways:
        if (status := httpx.get(f"{gateway}/ready", timeout=60, trust_env=False).status_code) != 200:
            raise NotShownError(f"the gateway at {gateway} answers {status}")


def every_service_is_healthy(stack: Stack) -> int:
    """Their number. Raises NotShownError where one is not."""
    states = stack.states()
    if ill := {name: state for name, state in states.items() if state not in {"healthy", "exited 0"}}:
        raise NotShownError(f"not healthy: {ill}")
    return len(states)


def parquet_is_written(stack: Stack) -> None:
    """The heaviest package that few commands load is in the image, whole."""
    modules = "pyarrow.compute, pyarrow.csv, pyarrow.parquet, pandas, uvloop, xlsxwriter"
    stack.run(stack.tasks_run_in, "python", "-c", f"import {modules}")


def no_log_shows_a_secret(stack: Stack) -> None:
    """Raises NotShownError with the secret's name where one does."""
    printed = stack.compose("logs", "--no-color")
    for file in stack.secrets.iterdir():
        text = file.read_text(encoding="utf-8")
        values = json.loads(text).values() if text.startswith("{") else [text]
        if any(len(value) >= 16 and value in printed for value in values if isinstance(value, str)):
            raise NotShownError(f"secret {file.name} stands in a log")


def comes_back(stack: Stack, service: str) -> tuple[float, float]:
    """End a service as a crash does, and wait until it is healthy and the main job green, by themselves.

    Returns:
        Seconds until it is healthy, and until a run that began after it was is green.

    Raises:
        EngineError: It does not come back.
    """
    before = stack.container(service)
    write_rows(stack, logs=40, orders=7, seed=before["State"]["Pid"])
    if service == "worker":
        before = _at_work(stack)
    crash(stack, before)
    started = time.monotonic()

    def is_back() -> bool:
        now = inspect("container", before["Id"])
        restarted = now["State"]["StartedAt"] != before["State"]["StartedAt"]
        return restarted and bool(now["State"]["Running"]) and now["State"]["Health"]["Status"] == "healthy"

    until(is_back, f"{service} is healthy again")
    back = time.monotonic() - started
    moment = time.time()
    until(lambda: green_since(stack, moment) and all_delivered(stack), f"the main job is green after {service} ended")
    return back, time.monotonic() - started


def _at_work(stack: Stack) -> dict[str, Any]:
    """The worker that delivers, in the middle of it: the platform takes its time until it is found."""
    stack.compose("exec", "-T", "sandbox", "python", "-c", _SLOW.format(faults=[_LATENCY]))
    hosts: list[list[str]] = []

    def is_found() -> bool:
        hosts[:] = stack.ask("airflow", _DELIVERS)
        return bool(hosts) and stack.ask("hotline", _IN_FLIGHT) != [["0"]]

    until(is_found, "a worker delivers")
    stack.compose("exec", "-T", "sandbox", "python", "-c", _SLOW.format(faults=[]))
    return inspect("container", hosts[0][0])


def crash(stack: Stack, container: dict[str, Any]) -> None:
    """Kill -9 of a container's first process, among the host's: `docker kill` is a stop, after which none starts it."""
    image = stack.container("scheduler")["Config"]["Image"]
    kill = f"kill -9 {container['State']['Pid']}"
    options = ["--rm", "--pid", "host", "--user", "0", "--network", "none", "--entrypoint", "sh"]
    docker("run", *options, image, "-c", kill)
