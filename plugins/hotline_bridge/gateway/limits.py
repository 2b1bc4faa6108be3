"""How often one caller may call: a bucket of turns each that fills again with time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_KNOWN = 10_000
"""Buckets that are kept; then the full ones, which say nothing, are forgotten."""


@dataclass(slots=True)
class Buckets:
    """One bucket for each caller, full at first."""

    per_s: float
    """Turns that come back each second."""
    most: float
    """Turns of a full bucket."""
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By caller: turns left, and when that was."""

    def take(self, caller: str) -> int:
        """Take one turn. Returns 0, or in how many seconds the next one is there."""
        now = self.clock()
        left, since = self._left.get(caller, (self.most, now))
        left = min(self.most, left + (now - since) * self.per_s)
        if left < 1:
            return max(1, math.ceil((1 - left) / self.per_s))
        if caller not in self._left and len(self._left) >= _MOST_KNOWN:
            self._forget(now)
        self._left[caller] = (left - 1, now)
        return 0

    def _forget(self, now: float) -> None:
        full_after = self.most / self.per_s
        kept = {caller: known for caller, known in self._left.items() if now - known[1] < full_after}
        self._left = kept if len(kept) < _MOST_KNOWN else {}
