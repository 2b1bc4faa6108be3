"""Where the platform shows one row an order (architecture: one row an order), whatever was cut and came first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.replace import be_alone, store_rows
from hotline_bridge.inbound.rows import DOUBLE, read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.store.database import connect_async
from tests.examples import examples
from tests.inbound.inbound_bridge import COMPLAINTS, START, STEPS, by_order, good_row, moment, order, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.contract.model import Interface
    from tests.inbound.inbound_bridge import Inbound

NAMED = {str(interface.table): interface for interface in contract().values() if interface.one_row}
EXTENSIONS = contract()["getCaseApproval"]
HOUR = 3600


def test_it_is_a_rule_of_the_contract_which_is_held_by_an_index(inbound: Inbound) -> None:
    assert {table: list(interface.one_row) for table, interface in NAMED.items()} == {
        "complaint_case": ["regino"],
        "report_case": ["regino"],
        "consultation_case": ["regino"],
        "returned_case": ["odrno"],
        "case_extension": ["orderid", "sqrbh", "sqdate", "yqdate"],
    }
    held = inbound.local(
        "SELECT i.indrelid::regclass::text, array_agg(a.attname::text ORDER BY k.place)"
        " FROM pg_index AS i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)"
        " INNER JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number"
        " WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid = ANY(%s::regclass[]) GROUP BY i.indexrelid, 1",
        [f"hotline.{table}" for table in NAMED],
    )
    assert dict(held) == {
        f"hotline.{table}": [name.lower() for name in interface.one_row] for table, interface in NAMED.items()
    }


@pytest.mark.parametrize("interface", NAMED.values(), ids=NAMED.keys())
def test_a_cut_second_keeps_no_old_version_beside_the_new_one(inbound: Inbound, interface: Interface) -> None:
    """600 orders in one second: an answer holds 500 of them, and three of these change."""
    inbound = inbound.of(interface)
    text = next(field.name for field in interface.response if field.personal)
    changed = shown(interface, **{text: "改"})
    world, numbers = inbound.sandbox.world, [f"R{number:03}" for number in range(600)]
    world.put(*(order(number, HOUR, shown(interface)) for number in numbers))
    assert inbound.one().incomplete_seconds > 0
    seen = sorted(inbound.hashes(interface))[:3]
    world.put(*(order(number, HOUR, changed if number in seen else shown(interface)) for number in numbers))
    inbound.again()
    done = inbound.one()
    assert done.replaced == 3
    rows = inbound.local(
        f"SELECT count(*), count(DISTINCT {interface.key_column}) FROM hotline.{interface.table}"  # noqa: S608  (of the contract)
    )
    assert rows[0][0] == rows[0][1] >= 500
    assert inbound.hashes(interface, "_history").keys() == set(seen)
    assert by_order(interface, world.rows(interface.name)).items() >= inbound.hashes(interface).items()
    inbound.again()
    again = inbound.one()
    assert (again.added, again.replaced) == (0, 0)


def test_of_an_extension_each_application_is_a_row_and_a_decision_replaces_it(inbound: Inbound) -> None:
    inbound = inbound.of(EXTENSIONS)
    applied = [
        shown(EXTENSIONS, sqdate="2026-11-01", state="审批中"),
        shown(EXTENSIONS, sqdate="2026-11-09", state="审批中"),
    ]
    crowd = [order(f"R{number:03}", HOUR, shown(EXTENSIONS)) for number in range(600)]
    decided = shown(EXTENSIONS, sqdate="20261101", state="通过")
    inbound.sandbox.world.put(order("A", HOUR, *applied), *crowd)
    assert inbound.one().incomplete_seconds > 0
    inbound.sandbox.world.put(order("A", HOUR, decided, applied[1]), *crowd)
    inbound.again()
    assert inbound.one().replaced == 1
    states = inbound.local("SELECT state FROM hotline.case_extension WHERE orderid = 'A' ORDER BY sqdate")
    assert states == [("通过",), ("审批中",)]
    assert inbound.local("SELECT state FROM hotline.case_extension_history") == [("审批中",)]


def test_two_rows_of_one_name_in_a_whole_answer_end_no_run_and_are_told(inbound: Inbound) -> None:
    first, last = shown(COMPLAINTS, proname="甲"), shown(COMPLAINTS, proname="乙")
    inbound.sandbox.world.put(order("R1", 10, first, last), order("R2", 20))
    for _ in range(2):
        done = inbound.one()
        assert (done.quarantined, done.failed) == (1, 0)
        assert [(key, reasons) for key, reasons, _ in inbound.quarantined()] == [("R1", [DOUBLE])]
        assert inbound.local("SELECT count(*), count(DISTINCT regino) FROM hotline.complaint_case") == [(2, 2)]
        inbound.again()
    assert inbound.hashes(COMPLAINTS, "_history") == {}, "the same answer twice changes nothing"
    inbound.sandbox.world.replace("R1", str(COMPLAINTS.table), last)
    inbound.one()
    assert inbound.quarantined() == []


# Any answers in any order

CONTENTS = st.sampled_from(["甲", "乙", "丙"])
ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from("ABC"), CONTENTS), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(25), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(answers=ANSWERS)
def test_a_table_holds_one_row_of_a_name_and_the_newest(
    inbound: Inbound, answers: Sequence[tuple[int, bool, Sequence[tuple[str, str]]]]
) -> None:
    """Whole and cut answers, stored in whichever order they were asked for."""
    inbound.empty("complaint_case", "complaint_case_history", "quarantined_answer")

    async def store_all() -> None:
        async with await connect_async(inbound.stores.local) as local:
            for asked, whole, orders in answers:
                rows = [good_row(COMPLAINTS, regino=number, proname=name) for number, name in orders]
                found = read_rows(COMPLAINTS, rows, None)
                async with local.transaction():
                    await be_alone(local, COMPLAINTS)
                    await store_rows(
                        local,
                        COMPLAINTS,
                        found,
                        requested_at=moment(asked),
                        window=Window(START, START + 100),
                        whole=whole,
                    )

    uvloop.run(store_all())
    newest: dict[str, tuple[int, str]] = {}
    for asked, _, orders in answers:
        # Of a row that came twice the first counts.
        for number, name in dict(list(dict.fromkeys(orders))).items():
            held = newest.get(number)
            # A content that is there already keeps the time at which it was first asked for.
            if held is None or (held[1] != name and asked >= held[0]):
                newest[number] = (asked, name)
    current = inbound.local("SELECT regino, proname FROM hotline.complaint_case ORDER BY regino")
    assert current == sorted((number, name) for number, (_, name) in newest.items())


def test_nothing_puts_a_second_row_beside_the_first(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("R1", 10))
    inbound.one()
    copy = (
        "INSERT INTO hotline.complaint_case (regino, content_hash, source, requested_at)"
        " SELECT regino, 'other', '', now() + %s FROM hotline.complaint_case"
    )
    with psycopg.connect(inbound.stores.local) as local, pytest.raises(errors.UniqueViolation):
        local.execute(copy.encode(), [timedelta(hours=1)])
    assert STEPS.one_row == ()
