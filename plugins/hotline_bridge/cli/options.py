"""Options that several commands share, and what the commands that change something by hand have in common."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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


REPORTED = frozenset({"report"})
COLLECTED = frozenset({"query", "drain"})
FLOWS = ("telephony", "order", "case", "process", "feedback")
"""In the order of the work: what is reported, then what comes back."""


def _reported(name: str | None) -> str | None:
    return name and known_interface(name, REPORTED)


def _collected(name: str | None) -> str | None:
    return name and known_interface(name, COLLECTED)


def _each_collected(names: list[str] | None) -> list[str] | None:
    return names and [known_interface(name, COLLECTED) for name in names]


FlowArgument = Annotated[str | None, typer.Argument(metavar="[FLOW]", help="The same as --flow.")]
Flow = Annotated[
    str | None, typer.Option("--flow", help=f"Only this flow of {', '.join(FLOWS)}; all that fit without.")
]
ReportInterface = Annotated[
    str | None, typer.Option("--interface", callback=_reported, help="Only this interface, by its wire name.")
]
AnswerInterface = Annotated[
    str | None,
    typer.Option("--interface", callback=_collected, help="Only this interface, by its wire name."),
]
CollectInterfaces = Annotated[
    list[str] | None,
    typer.Option(
        "--interface", callback=_each_collected, help="Only this interface, by its wire name. May be repeated."
    ),
]
Keys = Annotated[
    list[str] | None, typer.Option("--key", help="Only this key, such as an order number. May be repeated.")
]
Key = Annotated[str | None, typer.Option("--key", help="Only this key, such as an order number.")]
Rule = Annotated[str | None, typer.Option("--rule", help="Only this broken rule, such as calltime:type.")]
Day = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Only what 12345 wrote on this day.")]
All = Annotated[bool, typer.Option("--all", help="All of them, not only those that are open or named.")]
Most = Annotated[int, typer.Option("--most", min=1, help="How many are listed one by one.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]
Begin = Annotated[
    str | None, typer.Option("--begin", help="With --end: ISO time; Asia/Shanghai where it names no zone.")
]
End = Annotated[str | None, typer.Option("--end", help="ISO time, as --begin; itself not in the window.")]
Report = Annotated[Path | None, typer.Option("--report", help="Write the report in Chinese to this folder too.")]
Budget = Annotated[float, typer.Option("--budget-s", help="Seconds for each flow; then no more is started.")]


def flows(kinds: Collection[str], *named: str | None) -> list[str]:
    """The flows that are meant: the one that was named, by argument or by option, or all that have such interfaces.

    Args:
        kinds: Kinds of interfaces, such as `REPORTED`.
        *named: What was given, None where nothing was.

    Raises:
        BadParameter: Two were named, or one that has no such interfaces.
    """
    from hotline_bridge.contract.reader import contract

    with_such = {str(one.flow) for one in contract().values() if one.kind in kinds}
    known = [flow for flow in FLOWS if flow in with_such]
    meant = {name for name in named if name is not None}
    if len(meant) > 1:
        raise typer.BadParameter("two flows are named: give one, or none for all of them")
    if unknown := meant - {*known}:
        raise typer.BadParameter(f"no flow {unknown.pop()!r} here; there are {', '.join(known)}")
    return list(meant) or known


def require_named(*filters: object) -> None:
    """Refuse to act on everything unless that was said.

    Raises:
        BadParameter: Nothing was named, neither by number nor by a filter nor with --all.
    """
    if not any(filters):
        raise typer.BadParameter("name what is meant, by number or by an option such as --interface, or give --all")


def require_found(found: Collection[object], *filters: object, see: str) -> None:
    """End with 1 where something was named and nothing matches it.

    Args:
        found: What matches.
        *filters: What was given.
        see: The command that lists what there is.
    """
    if not found and any(filters):
        _end(f"nothing matches what was named; see `{see}`")


def say_rest(found: Collection[object], most: int) -> None:
    """Say how many are not listed."""
    if len(found) > most:
        typer.echo(f"{len(found) - most} more are not listed; give --most {len(found)}", err=True)


def require_each(named: Iterable[str] | None, found: Iterable[str], see: str) -> None:
    """End with 1, and say which, where not each of the named ones was found; a command does what it can before."""
    from hotline_bridge.cli.options import printable

    if missing := sorted({*(named or ())} - {*found}):
        _end(f"not found: {', '.join(map(printable, missing))}; see `{see}`")


def _end(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def known_interface(name: str, kinds: Collection[str]) -> str:
    """The name itself.

    Raises:
        BadParameter: No interface of these kinds is called so.
    """
    from hotline_bridge.contract.reader import contract

    names = [known for known, interface in contract().items() if interface.kind in kinds]
    if name not in names:
        done = "reported" if kinds == REPORTED else "collected"
        raise typer.BadParameter(f"interface {name!r} is not {done} here; there are {', '.join(names)}")
    return name
