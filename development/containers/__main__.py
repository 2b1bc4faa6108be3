"""`make containers`: builds the image, starts docker-compose.yaml with its demo, and shows that it does the main job.

It needs an engine (`docker` on PATH, DOCKER_HOST where it is elsewhere) and takes what HOTLINE_PYTHON_IMAGE and
HOTLINE_POSTGRES_IMAGE name as base images. It runs beside a real deployment, under a name and ports of its own, and
removes everything that it made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import time
from io import BytesIO
from typing import TYPE_CHECKING

from rich.table import Table

from development.containers import proof
from development.containers.engine import (
    LEAST_COMPOSE,
    OVERRIDE_COMPOSE,
    START_INTERVAL_ENGINE,
    EngineError,
    NoEngine,
    inspect,
    numbers,
    versions,
)
from development.containers.stack import PROJECT, USERS, running_stack, until
from hotline_sandbox.demo.stage import console, step

if TYPE_CHECKING:
    from pathlib import Path

    from development.containers.stack import Stack

KILLED = ("postgres", "docking", "api-server", "gateway", "scheduler", "dag-processor", "triggerer", "groom")
"""All but the sandbox: it stands in for the platform, and keeps what it was sent in memory."""
CITIES = ("shaoguan", "guangzhou")
SCALE_KILLED = ("worker", "scheduler", "valkey", "pgbouncer")
"""What docker-compose.scale.yaml adds, the worker in the middle of its work."""


def main() -> None:
    """End with 0 where all was shown or there is no engine, with 1 otherwise, with 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make containers", description=__doc__)
    parser.add_argument("--rows", type=int, default=500, help="docking rows over the four logs")
    parser.add_argument("--orders", type=int, default=60, help="docking rows over the three kinds of order")
    parser.add_argument("--kills", action="store_true", help="also end each service with kill -9")
    parser.add_argument(
        "--scale", action="store_true", help="with docker-compose.scale.yaml on top, what it adds ended with kill -9"
    )
    parser.add_argument("--cities", action="store_true", help="two cities, with docker-compose.cities.yaml on top")
    parser.add_argument("--upgrade-from", metavar="COMMIT", help="start that version first, and upgrade it")
    parser.add_argument("--all-dags", action="store_true", help="also wait until every DAG has run well")
    options = parser.parse_args()
    shown = Table(title="make containers", show_header=False)
    try:
        engine, compose = versions(OVERRIDE_COMPOSE if options.scale or options.cities else LEAST_COMPOSE)
    except NoEngine as error:
        print(f"containers: nothing was run, no engine is reached ({error}): start one, or set DOCKER_HOST")
        return
    except EngineError as error:
        sys.exit(f"containers: {error}")
    shown.add_row("engine, Compose", f"{engine}, {compose}")
    try:
        with running_stack(is_scaled=options.scale, cities=CITIES if options.cities else ("",)) as stack:
            _show(stack, options, shown, numbers(engine))
        shown.add_row("left behind", "nothing")
    except (EngineError, proof.NotShownError) as error:
        console.print(shown)
        sys.exit(f"containers: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    console.print(shown)


def _show(stack: Stack, options: argparse.Namespace, shown: Table, engine: tuple[int, ...]) -> None:
    former, forgotten = {}, {}
    if options.upgrade_from:
        former = _former(stack, options, engine)
        forgotten = proof.delivered(stack)
    with step("build: 镜像构建"):
        stack.build(PROJECT, "now")
    for image in (image for image in stack.images if image.endswith("-now")):
        shown.add_row(image.split(":")[0], f"{inspect('image', image)['Size'] / 1e6:.0f} MB")
    stack.make_secrets()
    stack.name_users(",".join(f"{name}:{role}" for name, role in USERS.items()))
    if options.cities:
        with step("cities: 各城市的库、账号、密钥"):
            stack.up("postgres", "docking")
            for city in stack.cities:
                stack.make_city(city)
    began, started = time.monotonic(), time.time()
    with step("up --wait: 各服务启动、健康"):
        stack.up()
    shown.add_row("up until all are healthy", f"{time.monotonic() - began:.0f} s")
    if former:
        kept = proof.counts_agree(stack, forgotten=forgotten)
        if kept["docking_rows"] < former["docking_rows"] or kept["delivered"] < former["delivered"]:
            raise proof.NotShownError(f"after the upgrade {kept}, before it {former}")
        shown.add_row(f"upgraded from {options.upgrade_from}", f"{former['delivered']} delivered rows are there")
    with step("main job: 写入样例、上报"):
        if not former:
            proof.start_the_main_job(stack)
        proof.write_rows(stack, logs=options.rows, orders=options.orders, seed=2 if former else 1)
        until(lambda: proof.green_since(stack, started) and proof.all_delivered(stack), "all rows are delivered")
    shown.add_row("up until the first rows are delivered", f"{time.monotonic() - began:.0f} s")
    _count(stack, shown, forgotten)
    with step("UI, gateway, health, logs: 界面、网关、健康检查、日志"):
        shown.add_row("users of the UI signed in", str(proof.users_may_what_their_roles_say(stack)))
        proof.gateways_answer(stack)
        proof.parquet_is_written(stack)
        until(lambda: bool(proof.every_service_is_healthy(stack)), "every service is healthy", 120)
        shown.add_row("healthy services", str(proof.every_service_is_healthy(stack) - 1))
        proof.no_log_shows_a_secret(stack)
    if options.all_dags:
        with step("every DAG: 各流程"):
            until(lambda: proof.every_dag_is_green(stack), "every DAG has run well")
        shown.add_row("DAGs that ran well", str(len(proof.DAGS) * len(stack.cities)))
    if killed := _to_kill(options):
        for service in killed:
            with step(f"kill -9 {service}: 强制终止"):
                back, green = proof.comes_back(stack, service)
            shown.add_row(f"kill -9 {service}", f"healthy after {back:.0f} s, main job green after {green:.0f} s")
        _count(stack, shown, forgotten, killed=True)


def _to_kill(options: argparse.Namespace) -> list[str]:
    """What is ended, each once."""
    asked = [
        *(SCALE_KILLED if options.scale else ()),
        *(("scheduler",) if options.cities else ()),
        *(service for service in KILLED if options.kills and not (options.cities and service == "gateway")),
    ]
    return list(dict.fromkeys(asked))


def _count(stack: Stack, shown: Table, forgotten: dict[str, tuple[int, int]], *, killed: bool = False) -> None:
    for city in stack.cities:
        counts = proof.counts_agree(stack, city, forgotten)
        if counts["sent_again"] and not killed:
            raise proof.NotShownError(f"{counts['sent_again']} bodies were sent again, though nothing was killed")
        parts = ", ".join(f"{counts[name]} {name}" for name in proof.ACCOUNTED if counts[name])
        shown.add_row(
            f"{city} {counts['docking_rows']} docking rows".strip(),
            f"{parts}; {counts['sent_again']} sent again; the platform agrees",
        )


def _former(stack: Stack, options: argparse.Namespace, engine: tuple[int, ...]) -> dict[str, int]:
    """A former version, with rows that it delivered; stopped."""
    source = stack.secrets.parent / "former"
    _check_out(options.upgrade_from, source)
    if engine < START_INTERVAL_ENGINE:
        file = source / "docker-compose.yaml"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if "start_interval:" not in line), encoding="utf-8")
    with step(f"build, up: {options.upgrade_from}"):
        stack.build(source, "former")
        stack.make_secrets()
        stack.compose("up", "--detach", "--no-build", "--quiet-pull")
        until(lambda: stack.states().get("scheduler") == "healthy", "the former version is healthy")
        proof.start_the_main_job(stack)
        proof.write_rows(stack, logs=options.rows, orders=options.orders, seed=1)
        until(lambda: proof.all_delivered(stack), "the former version has delivered all rows")
    counts = proof.counts_agree(stack)
    stack.compose("stop", "scheduler", "api-server", "dag-processor", "triggerer", "groom", "gateway")
    return counts


def _check_out(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=PROJECT, capture_output=True, check=False)  # noqa: S603, S607
    if archive.returncode:
        raise EngineError(f"there is no commit {commit}: name one of `git log`")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")


if __name__ == "__main__":
    main()
