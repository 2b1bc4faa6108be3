"""The container engine, by its own commands `docker` and `docker compose`."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LEAST_ENGINE = (20, 10)
LEAST_COMPOSE = (2, 20)
"""The first that knows `depends_on: {required: false}`."""
OVERRIDE_COMPOSE = (2, 24)
"""The first that knows the tag `!override`, which the files for several workers and several cities have."""
START_INTERVAL_ENGINE = (25, 0)
"""The first that knows `healthcheck: {start_interval: ...}`, which older compose files of ours have."""


class EngineError(Exception):
    """A command of the engine failed; the message is the command and the end of what it said."""


class NoEngine(Exception):  # noqa: N818  (no error: there is nothing to run on)
    """No engine is reached; the message says what was tried."""


def docker(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout_s: float = 1800,
    given: str = "",
) -> str:
    """What a command of `docker` printed, given a text over standard input.

    Raises:
        EngineError: It failed, or took longer than its time.
    """
    command = ["docker", *arguments]
    try:
        # A session of its own: Ctrl-C is for us, who then stop it and tidy up.
        done = subprocess.run(  # noqa: S603  (arguments made here)
            command,
            env={**os.environ, "DOCKER_BUILDKIT": "1", **(environment or {})},
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError:
        raise NoEngine("there is no program `docker`") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{' '.join(command)}: not done after {timeout_s:.0f} s") from None
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise EngineError(f"{' '.join(command)}: ended with {done.returncode}:\n{tail}")
    return done.stdout


def versions(least_compose: tuple[int, int] = LEAST_COMPOSE) -> tuple[str, str]:
    """The engine's version and Compose's, which has to be this one or later.

    Raises:
        NoEngine: None is reached.
        EngineError: There is an engine, and it or Compose is too old, or Compose is missing.
    """
    try:
        engine = docker("version", "--format", "{{.Server.Version}}", timeout_s=60).strip()
    except EngineError as error:
        raise NoEngine(str(error).splitlines()[-1]) from None
    compose = docker("compose", "version", "--short", timeout_s=60).strip()
    for name, found, least in (("engine", engine, LEAST_ENGINE), ("Compose", compose, least_compose)):
        if numbers(found) < least:
            raise EngineError(f"{name} {found} is too old: {'.'.join(map(str, least))} is the least")
    return engine, compose


def numbers(version: str) -> tuple[int, ...]:
    """Major and minor number of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def inspect(kind: str, name: str) -> dict[str, Any]:
    """What the engine knows of an image or a container."""
    found: list[dict[str, Any]] = json.loads(docker(kind, "inspect", name, timeout_s=60))
    return found[0]


def left_of(project: str) -> list[str]:
    """Containers, volumes and networks of a Compose project, by name."""
    label = f"label=com.docker.compose.project={project}"
    kinds: Sequence[tuple[str, ...]] = (
        ("ps", "--all", "--format", "{{.Names}}"),
        ("volume", "ls", "--format", "{{.Name}}"),
        ("network", "ls", "--format", "{{.Name}}"),
    )
    return [name for kind in kinds for name in docker(*kind, "--filter", label).split()]
