"""Processes of their own that start at once: forked from one that has imported everything.

A fresh interpreter needs a second for the bridge's imports and seven for Airflow's before the first line of a test
runs. What the tests prove needs another process (one that is killed, that has its own environment and whose output is
all that counts), not a cold one.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.die_at import die_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.context import ForkServerProcess

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warm_modules"])


def start(
    program: Path | str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    step: str | None = None,
    output: Path | None = None,
) -> ForkServerProcess:
    """Runs a script or a module (`python -m`) in a process of its own.

    Args:
        program: The script's path or the module's name.
        *arguments: Of its command line.
        environment: All of its variables; those of this process where not given.
        step: It is killed when it comes to this step.
        output: A file for all that it says; where this process says it, if not given.
    """
    process = _CONTEXT.Process(
        target=_run, args=(str(program), arguments, dict(environment or os.environ), step, output)
    )
    process.start()
    return process


def run(
    program: Path | str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    step: str | None = None,
    output: Path | None = None,
    timeout: float = 240,
) -> int:
    """The same to its end. Returns how it ended, as `subprocess` tells it."""
    return ended(start(program, *arguments, environment=environment, step=step, output=output), timeout)


def heard(
    program: Path | str, *arguments: str, environment: Mapping[str, str], timeout: float = 240
) -> tuple[int, str]:
    """The same with all that it said, on whichever stream."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        code = run(program, *arguments, environment=environment, output=output, timeout=timeout)
        return code, output.read_text(encoding="utf-8", errors="replace")


def ended(process: ForkServerProcess, timeout: float = 240) -> int:
    """Waits for the end of a process, and kills it where it takes too long.

    Raises:
        TimeoutError: It had to be killed.
    """
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"{process} did not end within {timeout} seconds")
    return process.exitcode


def _run(
    program: str, arguments: tuple[str, ...], environment: dict[str, str], step: str | None, output: Path | None
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if output is not None:
        with output.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    if step is not None:
        die_at(step)
    sys.argv = [program, *arguments]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
