"""What analysts ask, over years of an invented city: questions, what masks cost, a day computed again."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from bench.findings import Finding, at_most
from bench.harness import run
from bench.raw_frames import QUESTIONS as RAW
from hotline_bridge.analytics.questions import questions
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

MOST_MS, MOST_DAILY_MS = 2_000.0, 200.0
MOST_MASKED = 1.3
"""In times of the same without."""
MOST_DAY_S = 1.0
ROLLUPS = {"call_hour", "seat_hour", "order_day", "satisfaction_day", "indicator_month", "day"}
"""What is asked of these alone is asked daily."""
MASKED = ("call", "seat_day")
"""Views that mask while they are read; orders are masked once, when their facts are computed."""


def measure_analysts(local: str, tries: int) -> Iterator[Finding]:
    """Ask over a filled store.

    Args:
        local: Connection string of the store (`filled_store`), of a superuser; its rows are changed a little.
        tries: Of which the best counts.
    """
    yield from _questions(local, tries)
    yield from _masks(local, tries)
    yield from _dirty_day(local, tries)


def _questions(local: str, tries: int) -> Iterator[Finding]:
    named = {"dbname": "PGDATABASE"}
    store = {named.get(name, f"PG{name.upper()}"): str(value) for name, value in conninfo_to_dict(local).items()}
    with connect(local) as session:
        session.execute("SET statement_timeout = 0")
        session.execute("SET ROLE hotline_analyst")
        asked = {question.query or question.name: question.statement for question in questions()}
        for name, statement in asked.items():
            is_daily = set(re.findall(r"analytics\.(\w+)", statement)) <= ROLLUPS
            ms = min(_timed(session, statement) for _ in range(tries)) * 1_000
            note = ""
            if name in RAW:
                raw = run("bench.raw_frames", name, environment=store, core=None)
                note = f"pandas from the raw tables: {raw['seconds']:,.1f} s and {raw['peak_mb']:,.0f} MB"
            most = MOST_DAILY_MS if is_daily else MOST_MS
            yield at_most(f"question `{name}`{' (daily)' if is_daily else ''}", ms, most, " ms", note=note)


def _timed(session: Connection, statement: str) -> float:
    began = time.perf_counter()
    session.execute(statement.encode()).fetchall()
    return time.perf_counter() - began


def _masks(local: str, tries: int) -> Iterator[Finding]:
    """A month of rows with each column that a view masks, and the same from the same view without masks."""
    with connect(local) as session:
        session.execute("SET statement_timeout = 0")
        for view in MASKED:
            [(text,)] = session.execute("SELECT pg_get_viewdef(%s)", [f"analytics.{view}"]).fetchall()
            plain = str(text)
            for mask in ("mask_phone", "mask_name", "mask_address"):
                plain = plain.replace(f"hotline.{mask}(", "(")
            session.execute(f"CREATE OR REPLACE TEMPORARY VIEW plain AS {plain}".encode())
            month = "day >= (SELECT max(day) FROM analytics.call_hour) - 30"
            seconds = {
                source: min(_copied(session, f"SELECT * FROM {source} WHERE {month}") for _ in range(tries))  # noqa: S608  (ours)
                for source in (f"analytics.{view}", "plain")
            }
            masked, bare = seconds.values()
            note = f"{masked * 1_000:,.0f} ms, without {bare * 1_000:,.0f} ms, a month of rows"
            yield at_most(f"time of `{view}` with masks, by that without", masked / bare, MOST_MASKED, note=note)
            session.execute("DROP VIEW plain")


def _copied(session: Connection, query: str) -> float:
    began = time.perf_counter()
    with session.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as rows:
        for _ in rows:
            pass
    return time.perf_counter() - began


def _dirty_day(local: str, tries: int) -> Iterator[Finding]:
    """A call and an order of one busy day change, and what follows is computed again."""
    with connect(local) as session:
        [(day,)] = session.execute(
            "SELECT day FROM hotline.call_hour WHERE day < (SELECT max(day) - 40 FROM hotline.call_hour)"
            " GROUP BY day ORDER BY sum(call_count) DESC LIMIT 1"
        ).fetchall()
        changes = {
            "calls": "UPDATE hotline.call_log SET calltype = calltype WHERE row_id = (SELECT row_id"
            " FROM hotline.call_log WHERE (calltime AT TIME ZONE 'Asia/Shanghai')::date = %s LIMIT 1)",
            "orders": "UPDATE hotline.complaint_case SET consumamount = round(random() * 1000)::text WHERE regino ="
            " (SELECT regino FROM hotline.order_fact WHERE day = %s AND kind = 'complaint'"
            " AND collected_at IS NOT NULL LIMIT 1)",
        }
        for what, change in changes.items():
            seconds, done = math.inf, {}
            for _ in range(tries):
                session.execute(change.encode(), [day])
                began = time.perf_counter()
                done = refresh(session)
                seconds = min(seconds, time.perf_counter() - began)
            note = f"{day}: {', '.join(f'{name} {count}' for name, count in done.items())}"
            yield at_most(f"a day of {what} computed again", seconds, MOST_DAY_S, " s", note=note)
