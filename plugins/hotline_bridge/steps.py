"""Named steps at which a test may kill the process, to prove that a run that dies there loses and repeats nothing.

Outside tests the environment variable is not set, and `reached` does nothing.
"""

from __future__ import annotations

import os
import signal

OUTBOUND_STEPS = (
    "rows-copied",
    "versions-queued",
    "versions-committed",
    "rows-collected",
    "versions-claimed",
    "answer-received",
    "batch-settled",
)
INBOUND_STEPS = (
    "answer-stored",
    "answer-committed",
    "drain-committed",
    "acknowledged",
)
_KILL_AT = os.environ.get("HOTLINE_KILL_AT")


def reached(step: str) -> None:
    """Say that a run has come to this step (one of those above)."""
    if step == _KILL_AT:
        os.kill(os.getpid(), signal.SIGKILL)
