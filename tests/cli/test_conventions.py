"""What docs/commands.md promises of every command: options, exit codes, one sentence, plain output."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, cast

import pytest
import typer
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.cli.output import render
from hotline_bridge.errors import HotlineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.fixtures import Stores

TRIAL = {"sandbox", "sample"}
"""They play the other side: their options are their own."""
NOBODY = "NOBODY"
NAMED: Mapping[str, Sequence[Sequence[str]]] = {
    "accept incomplete": [("getTsBusiCaseInfoData", "--begin", "2026-01-01", "--end", "2026-01-02"), (NOBODY,)],
    "accept day": [("2026-01-01", "--kind", "complaint"), ("2026-01-01", "--kind", NOBODY)],
    "answers show": [("999",)],
    "answers release": [("999",)],
    "answers discard": [("999",)],
    "audit list": [(NOBODY,)],
    "audit pass": [(NOBODY,)],
    "audit return": [(NOBODY,)],
    "order show": [(NOBODY,)],
    "order complete": [(NOBODY, "invoptaddr=1")],
    "order overlays": [(NOBODY,)],
    "order forget": [("urge", "999"), (NOBODY, "1")],
    "quarantine show": [("999",)],
    "quarantine release": [("999",)],
    "quarantine discard": [("999",)],
    "report": [(NOBODY,)],
    "status": [(NOBODY,)],
    "collect": [(NOBODY,)],
    "export": [(NOBODY,)],
    "client areas": [(NOBODY, "--area", "440200")],
    "client rotate": [(NOBODY,)],
    "client revoke": [(NOBODY,)],
}
"""Of each command that names something by argument: names of what is not there."""
NOT_NAMES = {"docs", "migration", "client add"}


def commands() -> Iterator[tuple[str, Any]]:
    def below(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        children = getattr(command, "commands", None)
        if children is None:
            yield name, command
        for child, what in (children or {}).items():
            yield from below(what, f"{name} {child}".lstrip())

    return below(cast("Any", typer.main.get_command(app)), "")


COMMANDS = {name: command for name, command in commands() if name not in TRIAL}
OPTIONS = {
    name: {option: parameter for parameter in command.params for option in parameter.opts if option.startswith("-")}
    for name, command in COMMANDS.items()
}


def run(name: str, *arguments: str) -> tuple[int, str]:
    """Exit code and all that was said, with what is asked of a person answered; an error as `main` ends with it."""
    answers = [
        word
        for option, value in {"--reason": "r", "--office": "o", "--yes": None}.items()
        if option in OPTIONS[name]
        for word in (option, value)
        if word and option not in arguments
    ]
    try:
        done = CliRunner().invoke(app, [*name.split(), *arguments, *answers], catch_exceptions=False)
    except HotlineError as error:
        assert "\n" not in str(error)
        return 1, str(error)
    return done.exit_code, done.output


def having(option: str) -> list[str]:
    return [name for name, options in OPTIONS.items() if option in options]


def test_one_meaning_has_one_name_and_one_kind() -> None:
    kinds: dict[str, set[tuple[str, bool, str]]] = {}
    for options in OPTIONS.values():
        for option, parameter in options.items():
            assert parameter.help, option
            meaning = parameter.help.partition(".")[0].partition(";")[0]
            annotation = parameter.type_descriptor.annotation
            one = getattr(annotation, "__args__", (annotation,))[0]  # of an option that may be repeated
            kinds.setdefault(option, set()).add((str(one), parameter.is_flag, meaning))
    assert {option: meant for option, meant in kinds.items() if len(meant) > 1} == {}


def test_every_command_says_what_it_does() -> None:
    assert [name for name, command in COMMANDS.items() if not command.help] == []


def test_what_can_act_on_everything_has_to_be_told_so(connected: Stores) -> None:
    acting = [name for name in having("--all") if name.split()[-1] in {"release", "discard", "pass"}]
    assert len(acting) == 6
    for name in acting:
        assert run(name)[0] == 2, name
        assert run(name, "--all")[0] == 0, name


@pytest.mark.parametrize("option", ["--interface", "--flow"])
def test_an_unknown_interface_or_flow_is_a_wrong_command_line(option: str) -> None:
    assert having(option)
    for name in having(option):
        required = NAMED[name][0] if name == "order complete" else ()
        code, output = run(name, *required, option, "nonsense")
        assert code == 2, name
        assert "'nonsense' " in output, name
        assert " here; there are " in output, name


@pytest.mark.parametrize("option", ["--key", "--rule", "--code", "--message", "--day"])
def test_a_filter_that_nothing_matches_ends_with_1(connected: Stores, option: str) -> None:
    assert having(option)
    for name in having(option):
        code, output = run(name, option, "2001-01-01")
        assert code == 1, name
        assert "nothing matches what was named; see `hotline" in output, name


def test_windows_that_are_none_are_a_sentence(connected: Stores) -> None:
    for name in having("--begin"):
        first = NAMED[name][0][:1] if name.startswith("accept") else ()
        for window in (("2026-01-02", "2026-01-01"), ("yesterday", "today")):
            code, output = run(name, *first, "--begin", window[0], "--end", window[1])
            assert code in {1, 2}, name
            assert "begin" in output or "window" in output, (name, output)


def test_every_argument_is_looked_for(connected: Stores) -> None:
    with_arguments = {name for name, command in COMMANDS.items() if any(p.opts[0][0] != "-" for p in command.params)}
    assert with_arguments - NOT_NAMES == set(NAMED), "a new command: write what it says to a name that is not there"
    for name, cases in NAMED.items():
        for arguments in cases:
            code, output = run(name, *arguments)
            assert code in {1, 2}, (name, output)
            assert output.strip(), name


def test_what_is_piped_is_complete_and_unpadded(connected: Stores) -> None:
    for name in (
        "status",
        "quarantine list",
        "answers list",
        "audit list",
        "order notes",
        "publish",
        "accept list",
    ):
        lines = run(name)[1].splitlines()
        assert lines
        for line in lines:
            assert line == line.strip() or "\t" in line, name
            assert not {"│", "┃", "━"} & {*line}, name
            assert "  " not in line, name


def test_a_pipe_gets_a_line_a_row_and_no_markup_is_read() -> None:
    table = Table("编号\nkey", "内容", title="两行")
    table.add_row("4402032026112300001", "[red]原文[/] 一  二\n三\t" + "长" * 300)
    with CliRunner().isolation() as (out, *_):
        render(table)
        said = out.getvalue().decode()
    assert said == f"两行\n编号 key\t内容\n4402032026112300001\t[red]原文[/] 一 二 三 {'长' * 300}\n"


def test_a_narrow_terminal_breaks_no_number_and_no_time() -> None:
    table = Table("工单", "时间", "说明", "另一说明")
    numbers = [f"4402032026112300{place:020}" for place in range(3)]
    for number in numbers:
        table.add_row(number, "2026-11-23 13:31:00", "说明" * 60, "words " * 40)
    console = Console(file=io.StringIO(), force_terminal=True, width=40)
    render(table, console)
    said = cast("io.StringIO", console.file).getvalue()
    assert all(number in said for number in numbers)
    assert said.count("2026-11-23 13:31:00") == 3
    assert said.count("说") == 1 + 1 + 3 * 60
