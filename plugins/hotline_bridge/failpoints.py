"""Failpoints: named points of a run at which tests kill the process, to prove that nothing is lost or done twice.

In service a failpoint does nothing, and no setting changes that: what happens at one is set by tests alone, in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OUTBOUND_FAILPOINTS = (
    "rows-copied",
    "versions-queued",
    "versions-committed",
    "rows-collected",
    "versions-claimed",
    "answer-received",
    "batch-settled",
)
NOTE_FAILPOINTS = (
    *("order_supplement-copied", "order_supplement-kept", "order_supplement-committed", "order_supplement-collected"),
    *("order_urge-copied", "order_urge-kept", "order_urge-committed", "order_urge-collected"),
    *("seat-kept", "seat-committed", "seat-collected"),
    *("orders-composed", "overlays-laid", "overlays-committed"),
)
"""Of notes and seats, table by table, and of what is laid over orders."""
DEADLINE_FAILPOINTS = (
    *("order_deadline-copied", "order_deadline-kept", "order_deadline-committed", "order_deadline-collected"),
)
INBOUND_FAILPOINTS = (
    "answer-stored",
    "answer-committed",
    "drain-committed",
    "acknowledged",
)
RECONCILE_FAILPOINTS = (
    *("days-counted", "checks-kept", "collected-again", "marked-to-send-again", "sent-again"),
    "day-repaired",
)
PUBLISH_FAILPOINTS = ("changes-noted", "table-written", "table-committed", "changes-forgotten", "refused-tried")
ARCHIVE_FAILPOINTS = ("month-written", "month-read-back", "month-moved")
RESTORE_FAILPOINTS = ("table-read-again", "notes-read-again", "windows-marked", "cases-asked", "orders-settled")
GATEWAY_FAILPOINTS = ("feedback-offered", "feedback-cleared")
FORM_FAILPOINTS = ("order-written", "order-committed", "form-submitted")
PAGE_FAILPOINTS = (
    *("decision-recorded", "decision-kept", "completion-kept", "release-kept", "upload-kept", "list-in-use"),
    "list-withdrawn",
)

at: Callable[[str], object] | None = None
"""What a test wants done at every failpoint; it is told the name."""


def reached(failpoint: str) -> None:
    """Say that a run has come to this failpoint (one of those above)."""
    if at is not None:
        at(failpoint)
