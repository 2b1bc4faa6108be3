"""Two pairs that must agree though each is written apart: the body by SQL and by Python; the row rules here and there.

The body that intake makes in SQL is the one that `build_request` makes; the row rules in SQL judge as the sandbox's do
in Python. Both by properties over rows of all seven report interfaces, many rows a database call.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking import contract_sql
from hotline_bridge.outbound.overlays import Supplement, supplemented_interfaces, with_overlays
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.store.database import connect
from hotline_bridge.store.sql import read_sql
from hotline_sandbox.server.rules import compile_rules, read_row
from tests.examples import examples

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Field, Interface
    from tests.fixtures import Stores

REPORTS = [interface for interface in contract().values() if interface.kind == "report"]
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
"""Whatever a UTF-8 PostgreSQL can hold."""
TIMES = st.sampled_from(
    [
        *("20261123080000", "20240229235959", "20250229000000", "20260230080000", "20261123240000", "20261123235960"),
        *(
            "00001123080000",
            "99991231235959",
            "19860504023000",
            "2026112308000",
            "202611230800000",
            "２０２６１１２３０８００００",
        ),
        *("2026-11-23 08:00:00", "2026-02-29 08:00:00", "2026-11-23 24:00:00", "2026-11-23T08:00:00", "now"),
    ]
)
NUMBERS = st.sampled_from(
    ["168", "23.45", "-1", "1,000.00", "1e5", "999999999999.999999", "1234567890123", "1.1234567", "."]
)
BLANKS = st.sampled_from(["", " ", "\t", "\u3000", "\u00a0\u2003", "\u200b"])


def values_of(field: Field) -> st.SearchStrategy[str | None]:
    """Values of one field, near the edges of its rules."""
    likely: list[st.SearchStrategy[str]] = [TEXT, BLANKS]
    if field.codes:
        likely.append(st.sampled_from([*field.codes, "0", "9", "１", " 1"]))
    if field.limit is not None:
        likely.append(st.sampled_from(["x" * field.limit, "😀" * field.limit, "长" * (field.limit + 1)]))
    if field.format == "area":
        likely.append(st.sampled_from(["440203", "44020", "4402030", "44020a", "４４０２０３"]))
    if field.kind in {"time", "timestamp"}:
        likely.append(TIMES)
    if field.kind == "number":
        likely.append(NUMBERS)
    return st.one_of(st.none(), *likely)


@st.composite
def rows(draw: st.DrawFn, interface: Interface) -> dict[str, str | None]:
    """A row of an interface; composed identifiers are right as often as not."""
    row = {field.name: draw(values_of(field)) for field in interface.request}
    for field in interface.request:
        if field.compose and draw(st.booleans()):
            row[field.name] = "".join("7" if part == "*" else row[part] or "" for part in field.compose)
    return row


@pytest.mark.hypothesis
@pytest.mark.parametrize("interface", REPORTS, ids=lambda interface: interface.name)
def test_the_body_made_by_sql_is_the_body_made_by_python(stores: Stores, interface: Interface) -> None:
    columns = [field.column for field in interface.request]
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        contract_sql.docking_table(interface),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
    )
    read = sql.SQL("SELECT row_to_json(content)::text FROM {} AS d CROSS JOIN LATERAL (SELECT {}) AS content").format(
        contract_sql.docking_table(interface), contract_sql.body_members(interface)
    )
    one = st.fixed_dictionaries({field.name: st.none() | TEXT for field in interface.request})
    with connect(stores.docking) as docking:

        @settings(max_examples=examples(15), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(st.lists(one, min_size=1, max_size=20))
        def same(batch: list[dict[str, str | None]]) -> None:
            with docking.transaction(force_rollback=True):
                docking.cursor().executemany(insert, [[row[f.name] for f in interface.request] for row in batch])
                made = [body.encode() for (body,) in docking.execute(read).fetchall()]
            assert made == [build_request(interface, row) for row in batch]
            for body, row in zip(made, batch, strict=True):
                members = json.loads(body)
                if interface.dispatch:
                    assert members.pop(interface.dispatch.field) == interface.dispatch.value
                assert members == {name: value or "" for name, value in row.items()}

        same()


@pytest.mark.hypothesis
@pytest.mark.parametrize("interface", REPORTS, ids=lambda interface: interface.name)
def test_the_row_rules_in_sql_agree_with_the_platforms(stores: Stores, interface: Interface) -> None:
    judge = compile_rules(interface)
    parameters = {
        "fields": json.dumps(contract_sql.row_rules(interface)),
        "key": interface.key,
        "hold": interface.hold,
        "areas": [],
    }
    with connect(stores.local) as local:
        local.execute(read_sql("outbound/versions.sql", "batch_tables"))

        @settings(max_examples=examples(15), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(st.lists(rows(interface), min_size=1, max_size=25))
        def agree(batch: list[dict[str, str | None]]) -> None:
            bodies = list(dict.fromkeys(build_request(interface, row) for row in batch))
            with local.transaction(force_rollback=True):
                local.cursor().executemany(
                    "INSERT INTO batch (source_tid, written_at, body) VALUES ('', now(), %s)",
                    [[body.decode()] for body in bodies],
                )
                local.execute(read_sql("outbound/row_rules.sql", "check_rows"), parameters)
                judged = dict(local.execute("SELECT body, (state, reasons)::text FROM version").fetchall())
                found = dict(local.execute("SELECT body, reasons FROM version").fetchall())
            assert len(judged) == len(bodies)
            for body in bodies:
                broken = {f"{one.field}:{one.rule}" for one in judge(read_row(body))}
                if interface.hold and f"{interface.hold}:required" in broken:
                    broken.discard(f"{interface.hold}:required")  # not complete yet: held here, never sent
                assert set(found[body]) == broken

        agree()


AT = "2026-11-24 09:00:00"


@pytest.mark.parametrize("interface", supplemented_interfaces(), ids=lambda interface: interface.name)
@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(data=st.data())
def test_what_is_laid_over_a_body_changes_the_named_fields_alone(interface: Interface, data: st.DataObject) -> None:
    names = [field.name for field in interface.request]
    row = data.draw(st.fixed_dictionaries({name: st.none() | TEXT for name in names}))
    source = build_request(interface, row)
    assert with_overlays(interface, source, {}, []) == source
    values = data.draw(st.dictionaries(st.sampled_from(names), TEXT, max_size=5))
    words = data.draw(st.lists(TEXT, max_size=3))
    made = json.loads(with_overlays(interface, source, values, [Supplement(AT, text) for text in words]))
    wanted = {name: text or "" for name, text in row.items()} | values
    wanted[str(interface.supplemented)] += "".join(f"【12345补单 2026-11-24 09:00:00】{text}" for text in words)
    assert made == {"method": interface.name, **wanted}
