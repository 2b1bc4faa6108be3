"""Runs a script that is killed at a step: `python die_at.py STEP SCRIPT`. The one place that loads a failpoint."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from pathlib import Path

from hotline_bridge import steps


def command(script: Path, step: str | None = None) -> list[str]:
    """What runs a script in a process of its own, killed at a step where one is named."""
    return [sys.executable, *([__file__, step] if step else []), str(script)]


def die_at(step: str) -> None:
    """From now on this process ends by SIGKILL when it comes to the step."""

    def at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    steps.at = at


if __name__ == "__main__":
    die_at(sys.argv[1])
    runpy.run_path(sys.argv[2], run_name="__main__")
