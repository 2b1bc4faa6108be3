"""What the commands that change something by hand share."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


def actor() -> str:
    """Who acts: the account of the operating system. Kept in `hotline.operator_action`."""
    return getpass.getuser()


def printable(text: str) -> str:
    """Text of a stranger, fit for a terminal: what is not printable is left out."""
    return "".join(character for character in text if character.isprintable())
