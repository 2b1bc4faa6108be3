"""Named steps of a run, at which tests kill the process to prove that a run that dies there loses and repeats nothing.

In service a step does nothing, and no setting changes that: what happens at a step is set from Python, by tests alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
RESTORE_STEPS = ("table-read-again", "notes-read-again", "windows-marked", "cases-asked", "orders-settled")

at: Callable[[str], object] | None = None
"""What a test wants done at every step; it is told the name."""


def reached(step: str) -> None:
    """Say that a run has come to this step (one of those above)."""
    if at is not None:
        at(step)
