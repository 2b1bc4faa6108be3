"""A process that is killed at a step. The one place that loads a failpoint."""

from __future__ import annotations

import os
import signal

from hotline_bridge import failpoints


def die_at(step: str, *, after: int = 0) -> None:
    """From now on this process ends by SIGKILL when it comes to the step, having passed it so often."""
    passed = 0

    def at(reached: str) -> None:
        nonlocal passed
        if reached == step:
            if passed == after:
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1

    failpoints.at = at
