"""Tables of answers: their orders are known, nothing precedes registration, no reply is later than any known."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.quality.checks import checks_of
from hotline_bridge.quality.suites import content_of, interfaces_by_table
from tests.quality.typed_rows import TWO_DAYS_AGO, TypedTables, good_row

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from tests.fixtures import Stores

COLUMNS = {
    table: {field.column for field in content_of(interface)} for table, interface in interfaces_by_table().items()
}
ANSWERS = [interface for interface in interfaces_by_table().values() if interface.kind != "report"]
TIMED = [interface for interface in ANSWERS if interface.happens]


def rules(interface: Interface) -> set[str]:
    return {check.rule.rpartition(":")[2] for check in checks_of(interface, COLUMNS)}


@pytest.fixture
def tables(stores: Stores) -> TypedTables:
    tables = TypedTables(stores.local)
    tables.add("complaint_case", good_row(contract()["getTsBusiCaseInfoData"], "known"))
    return tables


def test_every_table_but_those_of_cases_has_to_know_its_orders() -> None:
    assert {interface.table for interface in ANSWERS if "order_known" not in rules(interface)} == {
        *("complaint_case", "report_case", "consultation_case")
    }


@pytest.mark.parametrize(
    "interface", [interface for interface in ANSWERS if "order_known" in rules(interface)], ids=lambda i: i.table
)
def test_a_row_of_an_unknown_order_is_found(tables: TypedTables, interface: Interface) -> None:
    name = (str(interface.table), f"{interface.key_column}:order_known")
    tables.add(name[0], good_row(interface, "known"))
    assert tables.result(name).passed is True
    tables.add(name[0], good_row(interface, "lost"))
    found = tables.result(name)
    assert (found.passed, found.failing, list(found.keys)) == (False, 1, ["lost"])
    tables.ask(
        "INSERT INTO hotline.quarantined_answer"
        " (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)"
        " VALUES ('getTsBusiCaseInfoData', 'lost', '', '{}', '', now(), now())"
    )
    assert tables.result(name).passed is True, "it came, and is in quarantine"


@pytest.mark.parametrize("interface", TIMED, ids=lambda i: i.table)
def test_nothing_happens_before_registration(tables: TypedTables, interface: Interface) -> None:
    column = str(interface.happens).lower()
    name = (str(interface.table), f"{column}:before_registration")
    tables.add(name[0], good_row(interface, "known"))
    assert tables.result(name).passed is True
    row = good_row(interface, "known")
    row[column] -= timedelta(days=1)  # type: ignore[operator]
    tables.add(name[0], row)
    found = tables.result(name)
    assert (found.passed, found.failing, found.severity) == (False, 1, "warning")


def test_a_reply_later_than_any_known_one(tables: TypedTables) -> None:
    interface = contract()["casefeedback"]
    name = ("case_feedback", "feetime:reply_lag")
    for days, passed in ((1_160, True), (1_501, False)):
        tables.add(name[0], {**good_row(interface, "known"), "feetime": TWO_DAYS_AGO + timedelta(days=days)})
        assert tables.result(name).passed is passed
