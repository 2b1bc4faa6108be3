"""Pages over years of an invented city: how long each takes to be made, as the account of the pages, frame and all."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx
from psycopg.conninfo import make_conninfo

from bench.findings import Finding, at_most
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.pages.app import make_pages
from hotline_bridge.pages.rights import Right, User
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from psycopg import Connection
    from starlette.requests import Request

MOST_MS = 300.0
"""For 95 of 100 requests."""
REQUESTS = 20
"""For each page."""
_ORDER = "putTsBusiRegInfoData"
_WAITING = 2_000
"""Orders that wait for the audit, as many that broke a rule, as many that the platform refused: a bad week."""


def fill_beside(local: str, exchanges: int) -> None:
    """What years of the sample lack: half a year of calls of the platform, what waits for people, runs, windows."""
    with connect(local) as session:
        session.execute("SET statement_timeout = 0; SET synchronous_commit = off")
        for statement in (_MONTHS, _EXCHANGES, _WAITING_ORDERS, _SOURCES, _ANSWERS, _RUNS, _WINDOWS):
            session.execute(statement.encode(), {"calls": exchanges, "rows": _WAITING, "body": _body()})
        session.execute("VACUUM ANALYZE")


def _body() -> bytes:
    fields = {field.name: "某" * min(field.limit or 20, 20) for field in contract()[_ORDER].request}
    return json.dumps(fields, ensure_ascii=False).encode()


_MONTHS = """
SELECT hotline.make_month('interaction_log', (now() - make_interval(months => n))::date) FROM generate_series(0, 6) AS n
"""
_EXCHANGES = """
INSERT INTO hotline.interaction_log
    (started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256)
SELECT
    now() - n * (interval '180 days' / %(calls)s),
    CASE WHEN n %% 10 = 0 THEN 'putTsBusiRegInfoData' WHEN n %% 3 = 0 THEN 'recordinfo' ELSE 'callinfo' END,
    n::text, 1,
    CASE WHEN n %% 1000 = 0 THEN 'refused' WHEN n %% 777 = 0 THEN 'no_answer' ELSE 'delivered' END,
    200,
    CASE WHEN n %% 1000 = 0 THEN '7' ELSE '0' END,
    '成功', 20 + n %% 400, sha256(n::text::bytea)
FROM generate_series(1, %(calls)s) AS n
"""
_WAITING_ORDERS = """
INSERT INTO hotline.delivery
    (interface, key, content_hash, state, written_at, taken_in_at, reasons, flags, body, body_sha256, code, message)
SELECT
    'putTsBusiRegInfoData', state || n, sha256((state || n)::bytea), state, now() - n * interval '1 minute',
    now() - n * interval '1 minute',
    CASE WHEN state = 'quarantined' THEN ARRAY['proname:required'] ELSE ARRAY[]::text [] END,
    CASE WHEN state = 'held' THEN ARRAY['areacode:unknown'] ELSE ARRAY[]::text [] END,
    %(body)s, sha256(%(body)s),
    CASE WHEN state = 'rejected' THEN '7' END, CASE WHEN state = 'rejected' THEN '重复' END
FROM generate_series(1, %(rows)s) AS n
CROSS JOIN unnest(ARRAY['held', 'quarantined', 'rejected']) AS s (state)
"""
_SOURCES = """
INSERT INTO hotline.order_source (interface, key, body, written_at)
SELECT d.interface, d.key, d.body, d.written_at
FROM hotline.delivery AS d WHERE d.state IN ('held', 'quarantined') AND d.body IS NOT NULL
"""
_ANSWERS = """
INSERT INTO hotline.quarantined_answer
    (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)
SELECT 'getCaseLzmx', n::text, sha256(n::text::bytea), '{bh:required}', '{}', now(), now()
FROM generate_series(1, %(rows)s) AS n
"""
_RUNS = """
INSERT INTO hotline.run_log (finished_at, dag, subject, taken_in, quarantined, delivered)
SELECT now() - n * interval '1 minute', 'telephony_report', 'callinfo', 40, 0, 40
FROM generate_series(1, 200000) AS n
"""
_WINDOWS = """
INSERT INTO hotline.collection_window
    (interface, begins, ends, state, row_count, request_count, visited_at, due_because)
SELECT
    i.name, now() - (n + 1) * interval '6 hours', now() - n * interval '6 hours', 'settled', 100, 1, now(), 'age'
FROM generate_series(1, 4000) AS n
CROSS JOIN unnest(
    ARRAY['getTsBusiCaseInfoData', 'getJbBusiCaseInfoData', 'getZxBusiCaseInfoData', 'getCaseLzmx']
) AS i (name)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    path: str
    form: Mapping[str, str] | None = None


def addresses(session: Connection) -> dict[str, Wanted]:
    """Every page as people ask for it: as it opens, by each of its filters, and one of its rows."""
    [(day, regino, unit, company)] = session.execute(
        """
        SELECT (registered_at AT TIME ZONE 'Asia/Shanghai')::date, regino, handling_unit_name, company_name
        FROM hotline.order_fact
        WHERE company_name IS NOT NULL AND handling_unit_name IS NOT NULL AND reported_at IS NOT NULL
        ORDER BY registered_at DESC LIMIT 1 OFFSET 1000
        """
    ).fetchall()
    [(held,)] = session.execute("SELECT coalesce(max(row_id), 0) FROM hotline.delivery WHERE state = 'held'").fetchall()
    [(phone,)] = session.execute(
        "SELECT telnumber FROM hotline.complaint_order WHERE telnumber IS NOT NULL LIMIT 1"
    ).fetchall()
    [(name,)] = session.execute(
        "SELECT proname FROM hotline.complaint_order WHERE length(proname) > 1 LIMIT 1"
    ).fetchall()
    month = f"first={day - timedelta(days=30)}&last={day}"
    year = f"first={day - timedelta(days=365)}&last={day}"
    listed = {
        f"orders {about}": Wanted(f"/orders?{more}")
        for about, more in {
            "as they open": month,
            "of a year": year,
            "of a kind": f"{month}&kind=report",
            "overdue": f"{year}&state=overdue",
            "finished": f"{year}&state=finished",
            "of a unit": f"{year}&unit={unit}",
            "of a company": f"{year}&company={company}",
            "of no company": f"{year}&company=没有这家企业",
            "open, by due time": f"{year}&state=open&sort=due",
            "by due time": f"{month}&sort=due",
            "by state": f"{year}&sort=state",
            "oldest first": f"{year}&sort=oldest",
            "returned": f"{year}&list=returned",
            "routed": f"{year}&list=routing",
            "with results": f"{year}&list=results",
        }.items()
    }
    now = datetime.now(SHANGHAI).date()
    span = f"first={now - timedelta(days=30)}&last={now}"
    return {
        "overview": Wanted("/"),
        **listed,
        "orders of a number": Wanted("/orders", {"phone": phone}),
        "orders of a name": Wanted("/orders", {"name": name, "person_first": f"{day - timedelta(days=365)}"}),
        "one order": Wanted(f"/orders/{regino}"),
        "exchanges as they open": Wanted("/exchanges"),
        "exchanges of a month": Wanted(f"/exchanges?{span}"),
        "exchanges refused": Wanted(f"/exchanges?{span}&outcome=refused"),
        "exchanges of an interface": Wanted(f"/exchanges?{span}&interface=putTsBusiRegInfoData"),
        "exchanges of a code that never came": Wanted(f"/exchanges?{span}&code=9"),
        "exchanges of a key": Wanted(f"/exchanges?{span}&key=77"),
        "audit": Wanted("/audit"),
        "audit of one": Wanted(f"/audit/{held}"),
        "completion": Wanted("/completion"),
        "completion of one": Wanted("/completion/quarantined7"),
        "quarantine": Wanted("/quarantine"),
        "quarantine, a group": Wanted(f"/quarantine?pile=versions&interface={_ORDER}&cause=proname%3Arequired"),
        "refusals, a group": Wanted(f"/quarantine?pile=refused&interface={_ORDER}&cause=7"),
        "quarantined answers": Wanted("/quarantine?pile=answers&interface=getCaseLzmx&cause=bh%3Arequired"),
        "reconciliation": Wanted("/reconciliation"),
        "reconciliation, a month": Wanted(f"/reconciliation?month={day:%Y-%m}"),
        "reconciliation, a day": Wanted(f"/reconciliation?day={day}"),
        "codes": Wanted("/codes"),
        "quality": Wanted("/quality"),
    }


def measure_pages(local: str, requests: int = REQUESTS) -> Iterator[Finding]:
    """Ask for each page so many times, one after another.

    Args:
        local: Connection string of the store (`filled_store`), of a superuser.
        requests: For each page.
    """
    as_pages = make_conninfo(local, options="-c role=hotline_pages -c statement_timeout=5s")

    async def authorise(_request: Request) -> User:
        return User("bench", frozenset(Right))

    app = make_pages(authorise, lambda: connect(as_pages))
    with connect(local) as session:
        wanted = addresses(session)

    async def one(client: httpx.AsyncClient, name: str, asked: Wanted) -> Finding:
        times, statuses = [], set()
        for _ in range(requests + 1):
            began = time.perf_counter()
            if asked.form is None:
                answer = await client.get(f"/hotline{asked.path}")
            else:
                answer = await client.post(f"/hotline{asked.path}", data=asked.form, headers={"origin": "http://bench"})
            times.append(1_000 * (time.perf_counter() - began))
            statuses.add(answer.status_code)
        p95 = quantiles(times[1:], n=20)[-1]
        note = f"first {times[0]:,.0f} ms, best {min(times):,.0f} ms, {len(answer.content) // 1024} KiB"
        if statuses != {200}:
            note += f"; answered {sorted(statuses)}"
        return at_most(f"page: {name}, p95", p95, MOST_MS, " ms", note=note)

    with asyncio.Runner() as runner:
        transport = httpx.ASGITransport(app, root_path="/hotline")
        client = httpx.AsyncClient(transport=transport, base_url="http://bench", timeout=60)
        for name, asked in wanted.items():
            yield runner.run(one(client, name, asked))
        runner.run(client.aclose())
