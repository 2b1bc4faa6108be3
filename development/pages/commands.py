"""The commands of `hotline` and the DAGs, from the command line itself and from the files of DAGs."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

import typer

from development.pages.markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def command_list(app: typer.Typer) -> str:
    """One line a command: how it is called, and the first sentence of its help."""
    return table(("command", "does"), sorted((code(name), says) for name, says in commands(app).items()))


def option_list(app: typer.Typer) -> str:
    """One line an option that several commands have: its meaning, and which they are."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, command in _programs(typer.main.get_command(app), ""):
        for parameter in command.params:
            for option in getattr(parameter, "opts", ()):
                if option.startswith("--"):
                    found.setdefault(option, (str(parameter.help).partition(". ")[0], []))[1].append(name)
    rows = [(code(option), meaning, ", ".join(names)) for option, (meaning, names) in found.items() if len(names) > 1]
    return table(("option", "meaning", "commands"), sorted(rows))


def dag_list(folder: Path) -> str:
    """One line a DAG: its name, and the title of its page in the UI.

    The files are read and not run: that would need Airflow.
    """
    rows = []
    for path in sorted(folder.glob("*.py")):
        page = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if page.startswith("## "):  # another file makes no DAG
            rows.append((code(path.stem), page.partition("\n")[0].lstrip("# ")))
    return table(("DAG", "does"), rows)


@cache
def commands(app: typer.Typer) -> dict[str, str]:
    """Every command with the first paragraph of its help; those of a group under the group's name."""
    programs = _programs(typer.main.get_command(app), "hotline")
    return {name: str(command.help or "").split("\n\n")[0] for name, command in programs}


def _programs(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (typer's own classes are private)
    """Every command, by its name below `hotline`."""
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, what in children.items():
        yield from _programs(what, f"{name} {child}".lstrip())
