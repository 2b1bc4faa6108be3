"""Every command that a page tells its reader to run is parsed by the program it calls: names, options, values."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import typer
import yaml
from typer.core import TyperGroup
from typer.exceptions import TyperException

from hotline_bridge.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.core import TyperCommand

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), PROJECT / "sandbox" / "README.md"])
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
PLACEHOLDERS = {"ID": "1", "DAY": "2026-11-24", "TIME": "2026-11-24T08:00"}
PROGRAMS = ("make", "hotline", "airflow", "docker", "sh")


def commands(page: Path) -> Iterator[list[str]]:
    """Words of every command in code, inline or in a block; what stands in another program's command is one too."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    for code in [*lines, *re.findall(r"`([^`]+)`", prose)]:
        for part in re.split(r" && |; | \| ", " ".join(code.split())):
            words = _words(part)
            while words:
                words[0] = words[0].removeprefix(".venv/bin/")
                if words[0] not in PROGRAMS:
                    break
                yield words
                inner = words.index("with-secrets") + 1 if "with-secrets" in words else len(words)
                words = words[inner:]


def _words(part: str) -> list[str]:
    try:
        return shlex.split(part, comments=True)
    except ValueError:  # prose in a drawing
        return []


def of(page: Path, program: str) -> list[list[str]]:
    return [words[1:] for words in commands(page) if words[0] == program]


@cache
def known() -> dict[str, TyperCommand | TyperGroup]:
    """Every command and every group of commands by its whole name."""

    def below(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
        yield name, command
        for child, what in getattr(command, "commands", {}).items():
            yield from below(what, f"{name} {child}".lstrip())

    return dict(below(cast("TyperCommand", typer.main.get_command(app)), ""))


def parse(words: list[str]) -> None:
    """Raises TyperException, as the program would, for a name, an option or a value that does not exist."""
    names = next(n for n in (2, 1, 0) if n <= len(words) and " ".join(words[:n]) in known())
    command, rest = known()[" ".join(words[:names])], words[names:]
    if isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        _, meant, rest = command.resolve_command(typer.Context(command), rest)
        command = cast("TyperCommand", meant)
    if not isinstance(command, TyperGroup) and rest:  # a bare name is only spoken of
        with suppress(typer.Exit, typer.Abort):  # --help, and a question to the operator
            command.make_context(" ".join(words[:names]), [PLACEHOLDERS.get(word, word) for word in rest])


@pages
def test_commands_of_hotline(page: Path) -> None:
    for words in of(page, "hotline"):
        parse(words)


def test_a_command_that_is_wrong_is_found() -> None:
    for wrong in (["stats"], ["report", "--since", "x"], ["replay", "--day", "yesterday"], ["quarantine", "free"]):
        with pytest.raises(TyperException):
            parse(wrong)


@pages
def test_targets_and_variables_of_make(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    variables = {*re.findall(r"^(\w+) \?=", makefile, re.MULTILINE), "PYTHON"}
    for target, *more in filter(None, of(page, "make")):
        if "=" not in target:
            assert target in targets, f"make {target}"
        for word in [target, *more]:
            if "=" in word:
                assert word.partition("=")[0] in variables, f"make {word}"


@pages
def test_commands_of_airflow(page: Path) -> None:
    from airflow.cli.cli_parser import airflow_commands

    known = {command.name: {sub.name for sub in getattr(command, "subcommands", ())} for command in airflow_commands}
    for words in of(page, "airflow"):
        names = [word for word in words if not word.startswith("-")]
        if not names or not names[0].islower():
            continue
        assert names[0] in known, f"airflow {names[0]}"
        if len(names) > 1 and known[names[0]]:
            assert names[1] in known[names[0]], f"airflow {names[0]} {names[1]}"


@pages
def test_services_of_docker_compose(page: Path) -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
    for words in of(page, "docker"):
        if words[:2] in (["compose", "exec"], ["compose", "restart"], ["compose", "stop"]):
            named = [word for word in words[2:] if not word.startswith("-")]
            assert not named or named[0] in services, " ".join(words)


@pages
def test_scripts_exist(page: Path) -> None:
    for script, *_ in filter(None, of(page, "sh")):
        assert (PROJECT / script).is_file(), script
