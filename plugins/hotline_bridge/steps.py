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
NOTE_STEPS = (
    *("order_supplement-kept", "order_supplement-committed", "order_supplement-collected"),
    *("order_urge-kept", "order_urge-committed", "order_urge-collected"),
    *("seat-kept", "seat-committed", "seat-collected"),
    *("orders-composed", "overlays-laid", "overlays-committed"),
)
"""Of notes and seats, table by table, and of what is laid over orders."""
INBOUND_STEPS = (
    "answer-stored",
    "answer-committed",
    "drain-committed",
    "acknowledged",
)
RECONCILE_STEPS = (
    *("days-counted", "checks-kept", "collected-again", "marked-to-send-again", "sent-again"),
    "day-repaired",
)
_KILL_AT = os.environ.get("HOTLINE_KILL_AT")


def reached(step: str) -> None:
    """Say that a run has come to this step (one of those above)."""
    if step == _KILL_AT:
        os.kill(os.getpid(), signal.SIGKILL)
