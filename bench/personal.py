"""What keys of persons cost when a row is stored, and masks when a view is read."""

# ruff: noqa: S608  (names are those of the contract)

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import psycopg
import uvloop

from bench.findings import Finding, at_most
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.contract.register import MASKED, views
from hotline_bridge.docking.create import create_docking
from hotline_bridge.inbound.replace import be_alone, land, store_rows
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.platform_client.strict_json import cut_out
from hotline_bridge.store.database import connect, connect_async
from hotline_bridge.store.metadata import triggers_of
from hotline_bridge.store.migrate import migrate_local
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_sandbox.sample.load import load_sample
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.years import Years, fill_years

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.demo.postgres import Server

MORE_ON_STORING = 1.1
MORE_ON_READING = 1.3
_ANSWER_ROWS = 400
_CASES = contract()["getTsBusiCaseInfoData"]
_TEXT = "消费者反映在该店购买的商品存在质量问题，要求退换并赔偿，多次联系商家未果。" * 4


def measure_personal(server: Server, *, rows: int, tries: int) -> list[Finding]:
    """The same rows stored with and without the triggers, and the same query with and without masks.

    Args:
        server: A PostgreSQL of its own.
        rows: Docking rows of calls and logs; a fifth as many orders, and as many rows of answers.
        tries: Of which the fastest counts.
    """
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
    findings = []
    for name, store in stored.items():
        seconds: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(tries):
            for with_keys in (False, True):
                seconds[with_keys].append(_timed(docking, local, store, with_keys=with_keys))
        without, keyed = min(seconds[False]), min(seconds[True])
        note = f"{without:.2f} s without, {keyed:.2f} s with keys and erasure"
        findings.append(at_most(f"storing {name}: with keys", keyed / without, MORE_ON_STORING, note=note))
    server.create_database("personal_years")
    migrate_local(server.conninfo("personal_years"))
    return [*findings, *_masks(server.conninfo("personal_years"), rows, tries)]


def _timed(docking: str, local: str, store: Callable[[], None], *, with_keys: bool) -> float:
    with psycopg.connect(docking, autocommit=True) as session:
        for interface in (*interfaces_of("telephony"), *interfaces_of("order")):
            session.execute(f"UPDATE docking.{interface.table} SET collected_at = NULL".encode())
            session.execute(f"VACUUM docking.{interface.table}".encode())
    with _triggers(local, with_keys=with_keys):
        began = time.perf_counter()
        store()
        return time.perf_counter() - began


@contextmanager
def _triggers(local: str, *, with_keys: bool) -> Iterator[None]:
    verb = "ENABLE" if with_keys else "DISABLE"
    with psycopg.connect(local, autocommit=True) as session:
        kept = ", ".join(f"hotline.{known.table}, hotline.{known.table}_history" for known in typed_interfaces())
        session.execute(f"TRUNCATE {kept}, hotline.delivery, hotline.order_source, hotline.landing".encode())
        for known in typed_interfaces():
            for name in triggers_of(known):
                session.execute(f"ALTER TABLE hotline.{known.table} {verb} TRIGGER {name}".encode())
    yield


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


def _masks(local: str, calls: int, tries: int) -> list[Finding]:
    """Views of analysts read to their end, with and without their masked columns."""
    fill_years(local, Years(calls=calls, orders=calls // 5, begin=date(2026, 1, 1), end=date(2026, 11, 1)))
    with connect(local) as session:
        refresh(session)
    findings = []
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
            findings.append(at_most(f"reading analytics.{name}: with masks", masked / bare, MORE_ON_READING, note=note))
    return findings


def _read(session: psycopg.Connection[tuple[object, ...]], query: str) -> float:
    began = time.perf_counter()
    with session.cursor().copy(query.encode()) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began
