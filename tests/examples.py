"""How many examples a property is tried with."""

from __future__ import annotations

import os

_TIMES = float(os.environ.get("HOTLINE_EXAMPLES", "0.1"))


def examples(number: int) -> int:
    """Of the number that a property deserves: less in `make test`, which people wait for, more in `make test-long`."""
    return max(5, round(number * _TIMES))
