"""A new interface is one entry: two of them in a copy of the project, one command, and rows go there and come back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from development.migration import write_migration
from hotline_bridge.contract.reader import contract, names_of, read
from hotline_bridge.errors import StopRun
from hotline_sandbox.demo.airflow import PROJECT

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

ENTRIES = (Path(__file__).parent / "new_interfaces.yaml").read_text(encoding="utf-8")
CARRY = Path(__file__).parent / "carry_new_interfaces.py"


class Copy:
    """The project's code, with the entries at the end of bridge.yaml."""

    def __init__(self, folder: Path, entries: str) -> None:
        self.folder = folder
        for part in ("plugins/hotline_bridge", "sandbox/hotline_sandbox", "development", "docs", "include", "dags"):
            shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        with (folder / "plugins/hotline_bridge/contract/bridge.yaml").open("a", encoding="utf-8") as bridge:
            bridge.write(entries)

    def change_entries(self, before: str, after: str) -> None:
        path = self.folder / "plugins/hotline_bridge/contract/bridge.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "HOTLINE_SQL"}
        environment["PYTHONPATH"] = os.pathsep.join(str(self.folder / part) for part in ("plugins", "sandbox", ""))
        return subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def hotline(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "hotline_bridge.cli.main", *words)

    def migrations(self) -> set[str]:
        folder = self.folder / "include/sql/migrations"
        return {str(path.relative_to(folder)) for path in folder.rglob("*.sql")}


def test_two_entries_and_one_command_carry_a_report_and_a_query(tmp_path: Path, postgres: Server) -> None:
    copy = Copy(tmp_path, ENTRIES)
    before = copy.migrations()
    done = copy.run("-m", "development.migration", "visits")
    assert done.returncode == 0, done.stderr
    number = max(int(name[:4]) for name in before if name[0].isdigit()) + 1
    assert copy.migrations() - before == {f"{number:04d}_visits/up.sql", f"{number:04d}_visits/down.sql"}

    for name in ("new_docking", "new_local"):
        postgres.create_database(name)
    carried = copy.run(str(CARRY), postgres.conninfo("new_docking"), postgres.conninfo("new_local"))
    assert carried.returncode == 0, carried.stderr[-3000:]
    assert carried.stdout.splitlines()[-1] == "carried"

    again = copy.run("-m", "development.migration", "again")
    assert "none was written" in again.stdout
    assert not any("again" in name for name in copy.migrations())

    text = "{name: noticetext, type: String, length: 500, required: false, zh: 通知内容, personal: text}"
    way = "{name: noticeway, type: String, length: 1, required: false, zh: 通知方式, personal: text}"
    copy.change_entries(text, f"{text.replace('通知内容', '短信内容')}\n      - {way}")
    more = copy.run("-m", "development.migration", "more")
    assert more.returncode == 0, more.stderr
    up, down = (
        (copy.folder / f"include/sql/migrations/{number + 1:04d}_more/{way}.sql").read_text(encoding="utf-8")
        for way in ("up", "down")
    )
    for table in ("notice_log", "notice_log_history"):
        assert f"ALTER TABLE hotline.{table} ADD COLUMN noticeway text;" in up
        assert f"COMMENT ON COLUMN hotline.{table}.noticeway IS '通知方式';" in up
        assert f"COMMENT ON COLUMN hotline.{table}.noticetext IS '短信内容';" in up
        assert f"ALTER TABLE hotline.{table} DROP COLUMN noticeway;" in down
        assert f"COMMENT ON COLUMN hotline.{table}.noticetext IS '通知内容';" in down
    # What erases again is given the new field, and taken back without it.
    for script, erased in ((up, "noticetext,noticeway"), (down, "noticetext")):
        assert script.count("DROP TRIGGER keep_erased ON hotline.notice_log;") == 1
        assert script.count("CREATE TRIGGER keep_erased") == 1
        assert f"'{{{erased}}}'" in script

    copy.change_entries(way, way.replace("type: String, length: 1", "type: Number, length: 14"))
    refused = copy.run("-m", "development.migration", "other")
    assert refused.returncode == 1
    assert "notice_log of interface noticelog differs from the contract in noticeway (type)" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not any("other" in name for name in copy.migrations())


@pytest.mark.parametrize(
    ("entry", "lacking"),
    [
        ({"flow": "telephony", "table": "notice_log"}, "noticelog lacks section, title_zh"),
        ({"table": None}, "noticelog lacks table"),
        ({"flow": "process"}, "a report goes with the flow order or telephony, not process"),
        ({"flow": "order"}, "an order needs becomes and returned_by"),
        ({"key": "noticeno"}, "its key noticeno is no field of it"),
        ({"table": "call_log"}, "noticelog has the table call_log, which is callinfo's"),
        ({"parent": {"field": "callid", "of": "nobody"}}, "refers to nobody"),
        ({"tabel": "notice_log"}, "noticelog tabel: Extra inputs are not permitted"),
    ],
)
def test_half_an_entry_is_one_sentence_that_names_what_is_missing(entry: dict[str, Any], lacking: str) -> None:
    whole: dict[str, Any] = yaml.safe_load(f"x:\n{ENTRIES}")["x"]["noticelog"]
    wrong = entry if "flow" in entry and "table" in entry else {**whole, **entry}
    printed = [known.model_dump() for known in contract().values()]
    with pytest.raises(ValueError, match=lacking.replace("(", r"\(")) as caught:
        read(printed, {"noticelog": wrong}, {})
    assert "\n" not in str(caught.value)


def test_whatever_is_an_order_is_noted_for_publishing(stores: Stores) -> None:
    """The triggers name the orders, as a condition of a trigger can look nothing up."""
    with psycopg.connect(stores.local) as local:
        found = local.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'hotline.delivery'::regclass"
        ).fetchall()
    assert len(found) == 2
    for (trigger,) in found:
        assert sorted(re.findall(r"'(put\w+)'", trigger)) == sorted(names_of("order", "report"))


@pytest.mark.parametrize("name", ["", "Visits", "a b", "../x", "1st"])
def test_a_name_that_can_be_none_is_refused_before_anything_is_made(name: str) -> None:
    with pytest.raises(StopRun, match="cannot name a migration; use small letters"):
        write_migration(name, "host=nowhere.invalid")


@pytest.mark.slow
def test_a_command_says_what_an_entry_lacks_without_a_traceback(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "  noticelog: {flow: telephony, table: notice_log, key: noticeid}\n")
    done = copy.run("-m", "development.migration", "visits")
    assert done.returncode == 1
    assert "the contract is not whole: noticelog lacks section, title_zh" in done.stderr
    assert "Traceback" not in done.stderr
