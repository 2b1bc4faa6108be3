"""The pages for who operates the bridge: what they promise is there, their GRANTs and queries run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

from hotline_bridge.alerts.conditions import CONDITIONS
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.docking.needs import shortcomings
from hotline_bridge.docking.orders import read_order, write_order
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

DOCS = Path(__file__).parents[2] / "docs"
INDEX = (DOCS / "runbooks" / "README.md").read_text(encoding="utf-8")


def queries(page: str) -> str:
    (block,) = re.findall(r"^```sql\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(block)


def test_the_index_leads_to_every_runbook_and_names_every_alert() -> None:
    assert {path.name for path in (DOCS / "runbooks").glob("*.md")} - {"README.md"} <= set(
        re.findall(r"[\w-]+\.md", INDEX)
    )
    assert [cause.title for cause in CONDITIONS.values() if cause.title not in INDEX] == []


def test_no_page_puts_off_to_a_later_version() -> None:
    put_off = re.compile(r"\bwith (?:a )?later versions?\b|将在后续版本")
    assert [str(page) for page in DOCS.glob("*.md") if put_off.search(page.read_text(encoding="utf-8"))] == []


def test_the_grants_give_each_account_what_they_need_and_no_more(postgres: Server, stores: Stores) -> None:
    accounts = ("hotline_12345", "hotline_bridge", "hotline_form")
    for account in accounts:
        postgres.create_role(account, "secret")
    with psycopg.connect(stores.docking) as owner:
        owner.execute(queries("accounts.md").encode())
        database = owner.info.dbname
    theirs, ours, of_form = (postgres.conninfo(database, account, "secret") for account in accounts)
    with connect(ours) as bridge:
        assert [found for found in shortcomings(bridge) if "GRANT" in found.text] == []
        with pytest.raises(errors.InsufficientPrivilege):
            bridge.execute("INSERT INTO docking.call_log (callid) VALUES ('1')")
    with connect(of_form) as form:
        for interface in interfaces_of("order"):
            key = str(interface.key)
            write_order(form, interface, {key: "1"})
            found = read_order(form, interface, "1")
            assert found is not None
            assert found.values[key] == "1"
            with pytest.raises(errors.InsufficientPrivilege):
                form.execute(f"UPDATE docking.{interface.table} SET regino = '2'".encode())  # noqa: S608  (of the contract)
        with pytest.raises(errors.InsufficientPrivilege):
            form.execute("SELECT FROM docking.call_log")
    with connect(theirs) as hotline:
        for table in docking_tables().values():
            statement = f"{table.name} ({table.columns[0].name}) VALUES ('1')"
            if table.written_by == "12345":
                hotline.execute(f"INSERT INTO docking.{statement}".encode())
                hotline.execute(f"UPDATE docking.{table.name} SET {table.columns[0].name} = '2'".encode())  # noqa: S608
                hotline.execute(f"DELETE FROM docking.{table.name}".encode())  # noqa: S608  (names of the contract)
            else:
                hotline.execute(f"SELECT * FROM docking.{table.name}".encode())  # noqa: S608  (the same)
                with pytest.raises(errors.InsufficientPrivilege):
                    hotline.execute(f"DELETE FROM docking.{table.name}".encode())  # noqa: S608  (the same)


def test_the_figures_for_graphs_are_asked_as_they_stand(stores: Stores) -> None:
    with connect(stores.local) as local:
        for query in queries("monitoring.md").split(";"):
            if query.strip():
                local.execute(query.encode())
