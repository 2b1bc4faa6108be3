"""The command `hotline` with any arguments: it ends with 0, 1 or 2 and a sentence, never with a traceback."""

from __future__ import annotations

import os
from typing import Any
from unittest import mock

import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from development.pages.commands import _programs
from hotline_bridge.cli.main import app
from hotline_bridge.errors import HotlineError
from tests.examples import examples

SERVES = {"gateway", "sandbox"}
"""Commands that go on until they are told to end."""
PROGRAMS = {name: command for name, command in _programs(typer.main.get_command(app), "") if name not in SERVES}
WORDS = (
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
    | st.sampled_from(["", "-", "--", "-1", "0", "2026-02-30", "2026-11-24T08:00", "callinfo", "telephony", "'; --"])
    | st.integers().map(str)
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command with options of its own, and values that may be none."""
    name, command = draw(st.sampled_from(sorted(PROGRAMS.items())))
    options = sorted({option for parameter in command.params for option in parameter.opts if option.startswith("-")})
    asked: list[Any] = draw(st.lists(st.tuples(st.sampled_from(options), WORDS), max_size=3)) if options else []
    words = [part for option, value in asked for part in (option, value)]
    return [*name.split(), *draw(st.lists(WORDS, max_size=2)), *words]


@settings(max_examples=examples(300), deadline=None)
@given(arguments=lines())
def test_any_arguments_end_in_a_sentence(arguments: list[str]) -> None:
    """Without any connection, so that no store is touched."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_CONN", "HOTLINE_"))}
    with mock.patch.dict(os.environ, bare, clear=True):
        done = CliRunner().invoke(app, arguments)
    assert done.exit_code in {0, 1, 2}
    assert done.exception is None or isinstance(done.exception, SystemExit | HotlineError), arguments
