"""What a measure found, and the table that puts it beside its target."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    name: str
    value: str
    target: str = ""
    met: bool | None = None
    """None where there is no target."""
    note: str = ""


def at_least(name: str, value: float, target: float, *, note: str = "") -> Finding:
    """A ratio that has to reach its target."""
    return Finding(name, f"{value:.2f}", f">= {target:g}", value >= target, note)


def at_most(name: str, value: float, target: float, unit: str = "", *, note: str = "") -> Finding:
    """A figure that must not exceed its target."""
    return Finding(name, f"{value:.2f}{unit}", f"<= {target:g}{unit}", value <= target, note)


def rate(name: str, per_second: Sequence[float], *, note: str = "") -> Finding:
    """A rate: the median of its rounds, and their spread."""
    return Finding(
        name, f"{median(per_second):,.0f}/s", note="; ".join(filter(None, (spread(per_second, ",.0f"), note)))
    )


def ratio(name: str, rounds: Sequence[float], goal: float, *, note: str = "") -> Finding:
    """A ratio that has to reach its goal: the median of the rounds, in each of which both were measured in turns."""
    return at_least(name, median(rounds), goal, note="; ".join(filter(None, (spread(rounds, ".2f"), note))))


def spread(values: Sequence[float], form: str) -> str:
    """The least and the greatest of some rounds."""
    return f"{format(min(values), form)} to {format(max(values), form)} in {len(values)} rounds"


def tell(finding: Finding) -> None:
    """Say one line as soon as it is known: a run of an hour may break off."""
    met = {None: "", True: "yes", False: "NO"}[finding.met]
    sys.stderr.write("  ".join(filter(None, (finding.name, finding.value, finding.target, met, finding.note))) + "\n")


def show(findings: Sequence[Finding], title: str) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left")
    for column in ("measure", "found", "target", "met", "note"):
        table.add_column(column, justify="right" if column in {"found", "target"} else "left", overflow="fold")
    for finding in findings:
        met = "" if finding.met is None else ("[green]yes[/]" if finding.met else "[red]NO[/]")
        table.add_row(finding.name, finding.value, finding.target, met, finding.note)
    Console().print(table)
