"""What is wrong with a request or a file, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


def explain(error: ValidationError) -> str:
    """Every finding with the place where it stands."""
    return "; ".join(
        ": ".join(filter(None, [".".join(map(str, finding["loc"])), finding["msg"]])) for finding in error.errors()
    )
