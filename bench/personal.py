"""What keys of persons and marks cost when a row is stored, and masks when a view is read."""

# ruff: noqa: S608  (names are those of the contract)

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import psycopg
import uvloop

from bench.findings import Finding, at_most
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.by_hand import ByHand
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.contract.register import MASKED, views
from hotline_bridge.docking.create import create_docking
from hotline_bridge.inbound.replace import be_alone, land, store_rows
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.personal.erase import Numbers, erase
from hotline_bridge.personal.keys import rotate
from hotline_bridge.platform_client.strict_json import cut_out
from hotline_bridge.store.database import connect, connect_async
from hotline_bridge.store.migrate import migrate_local
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.years import Years, fill_years

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.harness import Harness
    from hotline_bridge.contract.model import Interface

MORE_ON_STORING = 1.1
MORE_ON_READING = 1.3
_ANSWER_ROWS = 400
_CASES = contract()["getTsBusiCaseInfoData"]
_TEXT = "消费者反映在该店购买的商品存在质量问题，要求退换并赔偿，多次联系商家未果。" * 4


def measure_personal(harness: Harness, *, rows: int, tries: int) -> Iterator[Finding]:
    """The same rows stored with and without the triggers, and the same query with and without masks.

    Storing is told in CPU seconds, of this process and of the server, as others may use the machine.

    Args:
        harness: A PostgreSQL of its own.
        rows: Docking rows of calls and logs; a fifth as many orders, and as many rows of answers.
        tries: Of which the fastest counts.
    """
    server = harness.server
    server.create_database("personal_local")
    server.create_database("personal_docking")
    local, docking = server.conninfo("personal_local"), server.conninfo("personal_docking")
    migrate_local(local)
    create_docking(docking, for_trial=True)
    load_sample(docking, rows=rows, dirty=0, corrections=0, copies=0)
    load_orders(docking, orders=rows // 5, dirty=0, corrections=0, copies=0)
    answers = [_answer(begin) for begin in range(0, rows // 5, _ANSWER_ROWS)]
    stored: dict[str, Callable[[], None]] = {
        "calls and logs": lambda: _take_in(docking, local, "telephony"),
        "orders": lambda: _take_in(docking, local, "order"),
        "collected cases": lambda: uvloop.run(_collect(local, answers)),
    }
    for name, store in stored.items():
        seconds: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(tries):
            for with_triggers in (False, True):
                _prepare(docking, local, with_triggers=with_triggers)
                began = time.process_time() + harness.cpu_s()
                store()
                seconds[with_triggers].append(time.process_time() + harness.cpu_s() - began)
        without, with_all = min(seconds[False]), min(seconds[True])
        note = f"{without:.2f} s of CPU without, {with_all:.2f} s with"
        yield at_most(f"storing {name}: with keys, erasure and marks", with_all / without, MORE_ON_STORING, note=note)
    server.create_database("personal_years")
    migrate_local(server.conninfo("personal_years"))
    yield from _masks(server.conninfo("personal_years"), rows, tries)


def measure_rotation(local: str) -> Iterator[Finding]:
    """What is done once in a long while, over a filled store: a person erased (and taken back), the key changed.

    Args:
        local: Connection string of the store (`filled_store`), of a superuser; its rows are written anew.
    """
    with connect(local) as session:
        [(phone,)] = session.execute(
            "SELECT telnumber FROM hotline.complaint_order WHERE telnumber ~ '^1[0-9]{10}$' GROUP BY telnumber"
            " ORDER BY count(*) DESC, telnumber LIMIT 1"
        ).fetchall()
        began = time.perf_counter()
        found = erase(session, Numbers.told([phone]), None)
        note = f"{found.orders} orders, {found.calls} calls, {sum(found.rows.values())} rows; tried and taken back"
        yield Finding("a person erased", f"{time.perf_counter() - began:,.0f} s", note=note)
        began = time.perf_counter()
        rewritten = rotate(session, ByHand("bench", "measured"))
        took = time.perf_counter() - began
        yield Finding("key of persons changed", f"{took:,.0f} s", note=f"{rewritten:,} rows, {rewritten / took:,.0f}/s")
        session.execute("SET statement_timeout = 0")
        session.execute("VACUUM")


_TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger AS t
WHERE t.tgrelid = any(%s::text []::regclass []) AND NOT t.tgisinternal
"""
"""Those that note for publication what the analysts' marks note count too: one statement writes both."""


def _prepare(docking: str, local: str, *, with_triggers: bool) -> None:
    with psycopg.connect(docking, autocommit=True) as session:
        for interface in (*interfaces_of("telephony"), *interfaces_of("order")):
            session.execute(f"UPDATE docking.{interface.table} SET collected_at = NULL".encode())
            session.execute(f"VACUUM docking.{interface.table}".encode())
    kept = [f"hotline.{known.table}{suffix}" for known in typed_interfaces() for suffix in ("", "_history")]
    with psycopg.connect(local, autocommit=True) as session:
        session.execute(f"TRUNCATE {', '.join(kept)}, hotline.delivery, hotline.order_source, hotline.landing".encode())
        session.execute(b"TRUNCATE hotline.order_mark, hotline.order_change, hotline.rollup_mark, hotline.call_mark")
        for table, name in session.execute(_TRIGGERS, [kept]).fetchall():
            session.execute(f"ALTER TABLE {table} {'ENABLE' if with_triggers else 'DISABLE'} TRIGGER {name}".encode())
        session.execute(b"CHECKPOINT")


def _take_in(docking: str, local: str, flow: str) -> None:
    with connect(docking) as source, connect(local) as target:
        for interface in interfaces_of(flow):
            take_in(source, target, interface)


async def _collect(local: str, answers: Sequence[bytes]) -> None:
    """What collecting does with answers once they are here: read, judge, keep whole, store by row."""
    window = Window(1_790_000_000, 1_790_086_400)
    async with await connect_async(local) as session:
        for answer in answers:
            cut = cut_out(answer)
            assert cut
            found = read_rows(_CASES, cut[1], window)
            assert len(found.good) == _ANSWER_ROWS
            at = datetime.now(UTC)
            async with session.transaction():
                await be_alone(session, _CASES)
                await land(session, _CASES, answer, found, requested_at=at, window=window)
                await store_rows(session, _CASES, found, requested_at=at, window=window, whole=True)


def _answer(begin: int) -> bytes:
    """As the platform sends it: cases that each have both of the numbers that keys are made of."""
    cases = [_case(_CASES, begin + number) for number in range(_ANSWER_ROWS)]
    return json.dumps({"code": "0", "data": cases}, ensure_ascii=False).encode()


def _case(cases: Interface, number: int) -> dict[str, str]:
    values = {
        "regino": f"4402032026{number:016d}",
        "reginfotype": "1",
        "registime": "2026-09-23 10:00",
        "proname": "张三",
        "protel": f"138{number % 100_000_000:08d}",
        "procerno": "11010519491231002X",
        "complacontent": _TEXT,
        "applcontent": _TEXT,
    }
    return {known.name: values.get(known.name, "1" if known.required else "") for known in cases.response}


def _masks(local: str, calls: int, tries: int) -> Iterator[Finding]:
    """Views of analysts read to their end, with and without their masked columns."""
    fill_years(local, Years(calls=calls, orders=calls // 5, begin=date(2026, 1, 1), end=date(2026, 11, 1)))
    with connect(local) as session:
        refresh(session)
    with psycopg.connect(local, autocommit=True) as session:
        session.execute("VACUUM ANALYZE")
        for name in ("call", "work_order"):
            view = views()[name]
            plain = [column for column in view.columns if view.classes[column] not in MASKED]
            masked, bare = (
                min(
                    _read(session, f"COPY (SELECT {', '.join(each)} FROM analytics.{name}) TO STDOUT")
                    for _ in range(tries)
                )
                for each in (view.columns, plain)
            )
            note = f"{bare:.2f} s without, {masked:.2f} s with {len(view.columns) - len(plain)} masked columns"
            yield at_most(f"reading analytics.{name}: with masks", masked / bare, MORE_ON_READING, note=note)


def _read(session: psycopg.Connection[tuple[object, ...]], query: str) -> float:
    began = time.perf_counter()
    with session.cursor().copy(query.encode()) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began
