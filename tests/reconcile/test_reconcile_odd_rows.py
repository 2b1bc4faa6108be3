"""Whatever lies in quarantine or in 12345's tables, the night ends and its counts add up."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.create import create_docking
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.inbound.replace import store_rows
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.reconcile.days import bounds, bounds_s, order_kinds
from hotline_bridge.reconcile.evaluate import LATE, UNSENT
from hotline_bridge.reconcile.run import reconcile
from hotline_bridge.reconcile.sides import ages_of, copy_docking_orders
from hotline_bridge.store.database import connect, connect_async
from tests.examples import examples
from tests.reconcile.city import DAYS

if TYPE_CHECKING:
    from hotline_bridge.reconcile.evaluate import Check
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores
    from tests.reconcile.city import City

DAY = DAYS[1]
CASES = contract()["getTsBusiCaseInfoData"]


def answered(city: City, day: date, *rows: object) -> None:
    """The platform answers the window of a day with these rows, of any form."""

    async def store() -> None:
        async with await connect_async(city.stores.local) as local, local.transaction():
            window = Window(*bounds_s(day))
            bad = read_rows(CASES, list(rows), window)
            assert len(bad.bad) == len(rows)
            await store_rows(local, CASES, bad, requested_at=datetime.now(UTC), window=window, whole=True)

    asyncio.run(store())


def kept_as_bytes(city: City, raw: bytes, begins: datetime | None, ends: datetime | None, key: str = "") -> None:
    """A row in quarantine as it came."""
    city.local(
        "INSERT INTO hotline.quarantined_answer (interface, key, content_hash, reasons, raw, first_seen_at,"
        " last_seen_at, window_begin, window_end) VALUES (%s, %s, %s, '{row:type}', %s, now(), now(), %s, %s)"
        " ON CONFLICT DO NOTHING",
        *(CASES.name, key, sha256(raw).digest(), raw, begins, ends),
    )


@pytest.mark.parametrize("row", [None, 5, "x", [], [{"regino": "N"}], {}, {"regino": None}, {"regino": {"a": 1}}])
def test_a_row_that_names_no_order_is_told_and_ends_no_night(city: City, row: object) -> None:
    city.collect()
    answered(city, DAY, row)
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"answer_numberless": 1})
    # The platform may count the row as an order, and has given all that it has.
    city.network("N1", DAY)
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"answer_numberless": 1})
    city.network("N2", DAY)
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.state, check.unexplained) == ("open", 1)


def test_an_order_without_a_number_counts_as_one_and_hides_no_loss(city: City) -> None:
    city.collect()
    answered(city, DAY, {"regino": "", "registime": f"{DAY} 10:11:12"})
    city.network("N1", DAY)
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.state, check.explained) == ("agreed", {"answer_quarantined": 1})
    city.sandbox.world.remove("N1")
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.state, check.explained) == ("open", {"answer_quarantined": 1, "gap": -1})


def test_numbers_with_one_head_are_two_orders(city: City) -> None:
    city.collect()
    head = "9" * 9000
    for tail in "ab":
        city.take(f"{head}{tail}", DAY)
    answered(city, DAY, *({"regino": f"{head}{tail}", "registime": f"{DAY} 10:11:12"} for tail in "ab"))
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.docking_count, check.explained) == (2, {"not_collected": 2, "answer_quarantined": 2, "gap": -2})
    city.run()
    check = city.reconcile(repair=False)[DAY, "complaint"]
    assert (check.docking_count, check.explained["quarantined"]) == (2, 2)


def test_an_order_that_stands_in_quarantine_in_two_contents_is_one(city: City) -> None:
    city.collect()
    for phone in ("x" * 99, "y" * 99):
        row = {"regino": "N1", "registime": f"{DAY} 15:00", "telnumber": phone}
        kept_as_bytes(city, json.dumps(row).encode(), *bounds(DAY), key="N1")
    assert city.reconcile(repair=False)[DAY, "complaint"].explained == {"answer_quarantined": 1, "gap": -1}


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b"{", b'{"regino": 1' + b"0" * 9000 + b"}", b"[" * 100_000, b"nan", b""]
)
def test_bytes_that_are_no_row_end_no_night(city: City, raw: bytes) -> None:
    city.collect()
    kept_as_bytes(city, raw, *bounds(DAY))
    explained = city.reconcile(repair=False)[DAY, "complaint"].explained
    assert explained["answer_numberless" if b"regino" not in raw else "answer_quarantined"] == 1


def test_a_time_outside_of_its_window_is_not_believed(city: City) -> None:
    city.collect()
    for told in ("9999-12-31 23:59:59", "0001-01-01 00:00:00", "不详", ""):
        kept_as_bytes(city, json.dumps({"regino": f"N{told}", "registime": told}).encode(), *bounds(DAY))
    assert city.reconcile(repair=False)[DAY, "complaint"].explained["answer_quarantined"] == 4


def filled(city: City) -> None:
    for place, day in enumerate(DAYS):
        city.take(f"G{place}", day)
        city.network(f"N{place}", day)
    city.carry()


def states(city: City) -> list[tuple[str, str, int]]:
    return city.local("SELECT kind, state, count(*) FROM hotline.count_reconciliation GROUP BY 1, 2 ORDER BY 1, 2")


def test_what_fails_of_one_kind_is_told_when_all_others_are_kept(city: City) -> None:
    filled(city)
    city.docking("ALTER TABLE docking.report_order RENAME registime TO registered")
    with pytest.raises(StopRun, match=r"report of the docking store.*UndefinedColumn"):
        city.reconcile()
    assert states(city) == [("complaint", "agreed", len(DAYS)), ("consultation", "agreed", len(DAYS))]


def test_what_fails_of_one_day_is_told_when_all_others_are_kept(city: City) -> None:
    filled(city)
    city.lose_locally("G1")
    # A moment that Python cannot hold, of one order.
    city.local("UPDATE hotline.delivery SET settled_at = 'infinity' WHERE key = 'G1'")
    city.lose_locally("N0")
    with pytest.raises(StopRun, match=rf"complaint {DAY}: a database refuses a value .DataError") as told:
        city.reconcile()
    assert "G1" not in str(told.value)
    kept = [("complaint", "agreed", len(DAYS) - 1), ("complaint", "open", 1)]
    assert states(city) == [*kept, ("consultation", "agreed", len(DAYS)), ("report", "agreed", len(DAYS))]
    assert city.local("SELECT regino FROM hotline.complaint_case WHERE regino = 'N0'"), "the repairs of others go on"


def test_a_store_that_is_gone_ends_the_run_and_keeps_what_was_judged(city: City) -> None:
    filled(city)
    city.lose_locally("N1")
    with connect(city.stores.docking) as docking, connect(city.stores.local) as local:
        [(pid,)] = local.execute("SELECT pg_backend_pid()").fetchall()
        city.local(
            "CREATE FUNCTION hotline.end_session() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_terminate_backend({pid}); RETURN new; END $$"
        )
        city.local("CREATE TRIGGER ends AFTER INSERT ON hotline.complaint_case EXECUTE FUNCTION hotline.end_session()")
        with pytest.raises(TryAgainLater, match="was ended"):
            uvloop.run(reconcile(docking, local, city.stores.local, city.platform, DAYS, repair=True))
    assert sum(count for _, _, count in states(city)) == len(DAYS) * 3


texts = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "不详", "9999-12-31 00:00:00", f"{DAY}", f"{DAY} 10:11", f"{DAY:%Y%m%d}101112", "x" * 9600]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
)
moments = st.sampled_from(
    ["now", None, "-infinity", "infinity", "9999-12-31 00:00:00+08", "0001-01-01 00:00:00+00", f"{DAY} 12:00:00+08"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
raws = st.one_of(
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"RegiNo": json_values, "registime": texts}).map(lambda row: json.dumps(row).encode()),
    st.binary(max_size=40),
)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    orders=st.lists(st.tuples(st.sampled_from(["N", "数", "9" * 300]), texts, texts, moments), max_size=8),
    on_a_day=st.lists(moments, max_size=4),
    quarantined=st.lists(raws, max_size=8),
    taken_in=st.booleans(),
)
def test_any_rows_end_no_night_and_the_counts_add_up(
    city: City,
    orders: list[tuple[str, Any, Any, Any]],
    on_a_day: list[Any],
    quarantined: list[bytes],
    taken_in: bool,
) -> None:
    for table in ("quarantined_answer", "delivery", "complaint_order", "order_source"):
        city.local(f"DELETE FROM hotline.{table}")  # noqa: S608  (our names)
    with psycopg.connect(city.stores.docking, autocommit=True) as docking:
        docking.execute("DELETE FROM docking.complaint_order")
        docking.execute("ALTER TABLE docking.complaint_order ALTER written_at DROP NOT NULL")
        known = [(f"{head}{place}", registime, name, at) for place, (head, registime, name, at) in enumerate(orders)]
        known += [(f"D{place}", f"{DAY}", "甲", at) for place, at in enumerate(on_a_day)]
        for regino, registime, name, at in known:
            docking.execute(
                "INSERT INTO docking.complaint_order (regino, registime, proname, written_at) VALUES (%s, %s, %s, %s)",
                [regino, registime, name, at],
            )
    begins, ends = bounds(DAY)
    for raw in quarantined:
        kept_as_bytes(city, raw, begins, ends)
    if taken_in:
        with psycopg.connect(city.stores.docking, autocommit=True) as docking:
            docking.execute("UPDATE docking.complaint_order SET written_at = now() WHERE written_at IS NULL")
        city.take_in()
    checks = city.reconcile(repair=False)
    assert len(checks) == len(DAYS) * 3
    for check in checks.values():
        if check.kind == "complaint":
            adds_up(check)
    stands = sum(
        (registime or "").replace("-", "")[:8] in {f"{day:%Y%m%d}" for day in DAYS} for _, registime, _, _ in known
    )
    assert sum(check.docking_count for check in checks.values()) == stands
    there = sum(
        check.explained.get(name, 0)
        for check in checks.values()
        for name in ("answer_quarantined", "answer_numberless")
    )
    assert there == len(set(quarantined))


def adds_up(check: Check) -> None:
    """What must hold of every check."""
    told = check.explained
    before_us = sum(told.get(name, 0) for name in (*LATE, "lost_on_intake"))
    unsent = sum(told.get(name, 0) for name in UNSENT)
    assert check.docking_count == check.delivered_count + unsent + before_us + told.get("other_day", 0) - told.get(
        "not_in_docking", 0
    )
    assert check.unexplained == before_us + abs(told.get("gap", 0))
    assert (check.state == "agreed") == (not check.unexplained)


@pytest.mark.parametrize("bad", ["regino", "proname", "registime"])
def test_bytes_that_are_no_text_end_no_night(postgres: Server, stores: Stores, bad: str) -> None:
    kind = order_kinds()[0]
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE old_city ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    try:
        create_docking(postgres.conninfo("old_city"), for_trial=True)
        with connect(postgres.conninfo("old_city")) as docking, connect(stores.local) as local:
            for number in ("R1", "R2"):
                order = {"regino": number, "registime": "2026-11-23 08:00:00", "proname": "P"}
                docking.execute(
                    "INSERT INTO docking.complaint_order (regino, registime, proname)"
                    " VALUES (%(regino)s, %(registime)s, %(proname)s)",
                    order,
                )
            docking.execute(
                sql.SQL("UPDATE docking.complaint_order SET {0} = {0} || chr(206)").format(sql.Identifier(bad))
                + sql.SQL(" WHERE regino = 'R2'")
            )
            copy_docking_orders(
                docking, local, kind, [date(2026, 11, 23)], ages_of(PlatformSettings("http://h", "a", "t"))
            )
            keys = {key for (key,) in local.execute("SELECT key FROM docking_order").fetchall()}
        assert keys == {"R1", r"R2\316" if bad == "regino" else "R2"}
    finally:
        postgres.drop_database("old_city")
