"""A decision that somebody takes by hand: who and why, kept in `hotline.operator_action` with what it changed."""

from __future__ import annotations

from dataclasses import dataclass

from hotline_bridge.errors import StopRun


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who decides, and why.

    Raises:
        StopRun: The reason is blank.
    """

    actor: str
    reason: str

    def __post_init__(self) -> None:
        """Nothing is decided without a reason."""
        if not self.reason.strip():
            raise StopRun("a decision needs a reason", remedy="say it with --reason")
