"""Questions with answers on the invented city: the pages, the notebook and the dictionary say what the store says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from development.analysts import dictionary
from development.analysts.answers import FOLDER
from development.analysts.notebook import run
from development.analysts.pages import NOTEBOOK, as_analyst, fill_city, pages
from hotline_bridge.analytics.questions import questions
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def city(postgres: Server, templates: Stores) -> str:
    """A local store with the invented city in it."""
    postgres.create_database("city", template=templates.local)
    local = postgres.conninfo("city")
    fill_city(local)
    return local


@pytest.fixture(scope="module")
def made(city: str) -> Mapping[Path, str]:
    return pages(PROJECT, city)


def test_the_pages_are_up_to_date(made: Mapping[Path, str]) -> None:
    stale = [
        str(path)
        for path, text in made.items()
        if not (file := PROJECT / path).exists() or file.read_text("utf-8") != text
    ]
    assert stale == [], "run make docs"


def test_no_chart_stands_there_that_no_question_draws(made: Mapping[Path, str]) -> None:
    assert {path.relative_to(PROJECT) for path in (PROJECT / FOLDER).iterdir()} == {
        path for path in made if path.parent == FOLDER
    }


def test_the_dictionary_lacks_nothing(city: str) -> None:
    with connect(city) as session:
        assert list(dictionary.shortcomings(dictionary.columns(session))) == []


def test_at_least_twelve_questions_have_an_answer(made: Mapping[Path, str]) -> None:
    assert len(questions()) >= 12
    for question in questions():
        assert made[FOLDER / f"{question.name}.svg"].count("<title>") > 1, f"{question.name}: nothing is drawn"


def test_the_notebook_is_one_that_jupyter_opens(made: Mapping[Path, str]) -> None:
    nbformat.validate(nbformat.reads(made[NOTEBOOK], as_version=4))


def test_every_cell_of_the_notebook_shows_what_it_shows_when_it_is_run(city: str, made: Mapping[Path, str]) -> None:
    kept: dict[str, Any] = json.loads((PROJECT / NOTEBOOK).read_text("utf-8"))
    cells = [{**cell, "outputs": []} if cell["cell_type"] == "code" else cell for cell in kept["cells"]]
    with as_analyst(city):
        run(cells)
    assert cells == kept["cells"]
