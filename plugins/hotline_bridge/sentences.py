"""Counts as a line of a log tells them: in words, not as the type that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(counts: Mapping[str, int]) -> str:
    """Counts without those that are zero, such as `120 rows, 3 quarantined`; `nothing` without any."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "nothing"
