"""`hotline erase` and `hotline person-key`: numbers come from standard input, and no word of theirs holds one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from tests.personal.canary import PHONE, Canary, plant

if TYPE_CHECKING:
    from tests.fixtures import Stores


@pytest.fixture
def store(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(stores.local)
    uri = f"postgres://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", uri)
    plant(stores.local)
    return stores.local


def run(*words: str, typed: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words), input=typed)
    Canary().assert_absent(done.output, " ".join(words))
    return done.exit_code, done.output


def test_a_person_is_erased_by_a_number_on_standard_input(store: str) -> None:
    code, said = run("erase", "--dry-run", typed=f"{PHONE}\n")
    assert (code, "1 orders and 1 calls of this person" in said, "nothing was changed" in said) == (0, True, True)
    code, said = run("erase", "--yes", "--reason", "asked for", typed=f"{PHONE}\n")
    assert (code, "1 orders, 1 calls" in said) == (0, True)
    code, said = run("erase", "--yes", "--reason", "asked for", typed=f"{PHONE}\n")
    assert (code, "nothing is stored of these numbers" in said) == (1, True)


def test_without_an_archive_nothing_of_it_is_loaded(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_ARCHIVE_DIR", raising=False)
    monkeypatch.delitem(sys.modules, "hotline_bridge.analytics.archive", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run("erase", "--dry-run", typed=f"{PHONE}\n")[0] == 0


def test_what_cannot_be_asked_has_to_be_said(store: str) -> None:
    code, said = run("erase", typed=f"{PHONE}\n")
    assert code == 2
    assert "give --reason and --yes" in said


def test_the_key_is_changed_and_never_shown(store: str) -> None:
    assert "version 1, made at 20" in run("person-key", "show")[1]
    code, said = run("person-key", "rotate", "--yes", "--reason", "it leaked")
    assert (code, "version 2 is in use" in said) == (0, True)
    with psycopg.connect(store) as owner:
        [(inside, outside)] = owner.execute("SELECT inner_pad, outer_pad FROM hotline.person_secret").fetchall()
    assert not any(pad.hex() in said for pad in (inside, outside))
