"""What the commands that change something by hand share."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline_bridge.by_hand import ByHand

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Reason = Annotated[
    str | None, typer.Option("--reason", help="Why; kept with who and when. Asked for where it is not given.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def decision(reason: str | None) -> ByHand:
    """A decision of this account, for this reason; it is asked for where none was given.

    Raises:
        StopRun: The reason is blank.
    """
    from hotline_bridge.by_hand import ByHand

    return ByHand(actor(), typer.prompt("Reason 原因") if reason is None else reason)


def actor() -> str:
    """Who acts: the account of the operating system. Kept in `hotline.operator_action`."""
    return getpass.getuser()


def printable(text: str) -> str:
    """Text of a stranger, fit for a terminal: what is not printable is left out."""
    return "".join(character for character in text if character.isprintable())
