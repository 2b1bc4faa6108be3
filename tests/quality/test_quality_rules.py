"""Every rule of every table, from the contract: passing on good rows, found by key when a row breaks it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.quality.checks import checks_of
from hotline_bridge.quality.results import KEY_LIMIT
from hotline_bridge.quality.suites import content_of, suite_of
from hotline_bridge.quality.words import WORDS
from hotline_bridge.store.typed_tables import window_column
from tests.quality.typed_rows import TABLES, TELEPHONY, WINDOW, TypedTables, broken_row, good_row

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.quality.results import Result
    from hotline_bridge.quality.suites import Rule
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

Results = dict[tuple[str, str], "Result"]
COLUMNS = {
    table: {*(field.column for field in content_of(interface)), window_column(interface)}
    for table, interface in TABLES.items()
}
RULES = [
    (interface, rule)
    for table, interface in TABLES.items()
    for rule in suite_of(interface, COLUMNS[table], WINDOW).rules
]
NAMES = [(str(interface.table), rule.name) for interface, rule in RULES]
each_rule = pytest.mark.parametrize(
    ("interface", "rule"), RULES, ids=[f"{interface.table}-{rule.name}" for interface, rule in RULES]
)
NEVER_ERRORS = {"odd_time", "clock_order", "volume", "seats_signed_in"}


@pytest.fixture(scope="module")
def good(postgres: Server, templates: Stores) -> Results:
    """What is found among good rows in all tables of the contract."""
    postgres.create_database("quality_good", template=templates.local)
    tables = TypedTables(postgres.conninfo("quality_good"))
    tables.create_missing()
    tables.add_good()
    return tables.check()


@pytest.fixture(scope="module")
def broken_tables(postgres: Server, templates: Stores) -> TypedTables:
    """The same tables without constraints, with good rows, and for each rule one row that breaks it."""
    postgres.create_database("quality_broken", template=templates.local)
    tables = TypedTables(postgres.conninfo("quality_broken"))
    tables.create_missing()
    for table, interface in TABLES.items():
        if interface.kind == "report":
            tables.ask(f"ALTER TABLE hotline.{table} DROP CONSTRAINT {table}_{interface.key_column}_key")
    tables.add_good()
    for number, (interface, rule) in enumerate(RULES):
        row = broken_row(interface, rule, f"broken-{number}")
        tables.add(str(interface.table), row, *([row] if rule.name.endswith(":unique") else []))
    return tables


@pytest.fixture(scope="module")
def content_before(broken_tables: TypedTables) -> list[object]:
    return broken_tables.content()


@pytest.fixture(scope="module")
def broken(broken_tables: TypedTables, content_before: list[object]) -> Results:
    return broken_tables.check()


def test_good_rows_pass_every_rule(good: Results) -> None:
    assert {(table, rule): good[table, rule].passed for table, rule in NAMES} == dict.fromkeys(NAMES, True)
    others = {name: result for name, result in good.items() if name not in NAMES}
    assert [name for name, result in others.items() if result.passed is False] == []
    not_judged = {rule for (_, rule), result in others.items() if result.passed is None}
    assert not_judged == {"volume", "freshness"}, "there is no history"
    assert not any(result.keys for result in good.values())


@each_rule
def test_a_row_that_breaks_a_rule_is_found_by_its_key(broken: Results, interface: Interface, rule: Rule) -> None:
    result = broken[str(interface.table), rule.name]
    assert result.passed is False
    assert result.severity == ("warning" if rule.name.rpartition(":")[2] in NEVER_ERRORS else "error")
    row = broken_row(interface, rule, f"broken-{RULES.index((interface, rule))}")
    if key := row[interface.key_column]:
        assert key in result.keys
    assert result.failing < result.checked or rule.name.endswith((":required", ":condition"))
    assert not any(str(key).startswith("good") for key in result.keys)


def test_what_no_rule_needs_is_not_loaded(broken: Results) -> None:
    """The image has neither."""
    assert {"scipy", "altair"} & sys.modules.keys() == set()


def test_checking_changes_no_row(broken_tables: TypedTables, content_before: list[object], broken: Results) -> None:
    assert broken
    assert broken_tables.content() == content_before


def test_a_second_check_finds_the_same(broken_tables: TypedTables, broken: Results) -> None:
    again = broken_tables.check(tables=TELEPHONY)
    assert again == {name: result for name, result in broken.items() if name[0] in TELEPHONY}


def test_rows_outside_the_window_are_not_judged(broken_tables: TypedTables) -> None:
    results = broken_tables.check(type(WINDOW)(WINDOW.begin, WINDOW.begin.replace(hour=13)), TELEPHONY)
    assert {result.passed for (_, rule), result in results.items() if rule != "columns"} == {None}


def test_the_keys_of_many_failing_rows_are_few(stores: Stores) -> None:
    tables = TypedTables(stores.local)
    calls = [{**good_row(contract()["callinfo"], f"call-{number:03}"), "calltype": "9"} for number in range(80)]
    recordings = [good_row(contract()["recordinfo"], f"orphan-{number:03}") for number in range(80)]
    tables.add("call_log", *calls)
    tables.add("recording_log", *recordings)
    results = tables.check(tables=TELEPHONY)
    for name in (("call_log", "calltype:code"), ("recording_log", "callid:parent")):
        assert (results[name].failing, results[name].checked) == (80, 80)
        assert len(results[name].keys) == len(set(results[name].keys)) == KEY_LIMIT


def test_every_kind_of_rule_has_its_words_and_no_words_are_left_over() -> None:
    kinds = {rule.name.rpartition(":")[2] for _, rule in RULES} | {"columns"}
    kinds |= {check.rule.rpartition(":")[2] for interface in TABLES.values() for check in checks_of(interface, COLUMNS)}
    assert kinds == set(WORDS)


def test_names_of_rules_are_unique_in_a_table() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_interfaces_that_fill_one_table_differ_in_lengths_alone_and_the_greater_counts() -> None:
    several = 0
    for interface in contract().values():
        if interface.table and interface.key:
            joined = {field.column: field for field in content_of(TABLES[interface.table])}
            assert {field.column for field in content_of(interface)} == joined.keys()
            for field in content_of(interface):
                other = joined[field.column]
                assert (field.required, field.codes, field.kind) == (other.required, other.codes, other.kind)
                assert (field.limit is None) == (other.limit is None)
                assert (field.limit or 0) <= (other.limit or 0)
                several += field.limit != other.limit
    assert several, "the specification has such fields"
