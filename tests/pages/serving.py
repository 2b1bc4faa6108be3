"""The pages over HTTP for a real browser, without Airflow: from a store in which every page has something to show."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import uvicorn
from psycopg.conninfo import make_conninfo
from starlette.applications import Starlette
from starlette.routing import Mount

from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.pages.app import PAGES, make_pages
from hotline_bridge.pages.rights import NotSignedIn, Right, Run, Runs, User
from hotline_bridge.quality.results import Window, evaluate, write_results
from hotline_bridge.standard_data.delivered_file import Code, Delivered
from hotline_bridge.standard_data.delivery import (
    keep_upload,
)
from hotline_bridge.standard_data.lists import load_standard_data
from hotline_bridge.store.database import connect
from tests.orders.order_bridge import AUDITED, COMPLAINT, REPORT, OrderBridge, order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

ROOT = "/city/hotline"
"""Behind the prefix of a proxy, as `[api] base_url` may have one."""
NUMBERS = tuple(f"G202611240000000{n}" for n in range(1, 10))
HELD, BROKEN, TWICE = NUMBERS[0], NUMBERS[3], NUMBERS[5]
"""An order that waits for the audit, one that broke a rule, one that was sent and changed."""
TEXT = "隐私内容"
"""Words of a caller that tell no person: who decides on orders reads them."""
SECRETS = ("隐私姓名", "13977712345", TEXT, "11010519491231002X")
HOSTILE = "<script>alert(1)</script>\u202e𠮷<img src=x onerror=alert(2)>" + "长" * 400
LOOKS_AT = {"LOOK": frozenset({Right.LOOK}), "ALL": frozenset(Right)}


class LastHours(Runs):
    """Every run began two hours ago, and still runs."""

    def find(self, dag: str, run_id: str) -> Run | None:  # noqa: ARG002
        return Run(datetime.now(SHANGHAI) - timedelta(hours=2), None)


@contextmanager
def served(store: str) -> Iterator[str]:
    """The address of the pages while the block runs; a cookie `rights` says who asks: `LOOK`, else everything."""

    async def authorise(request: Request) -> User:
        rights = request.cookies.get("rights", "ALL")
        if rights not in LOOKS_AT:
            raise NotSignedIn(401)
        return User("wang", LOOKS_AT[rights], LastHours())

    as_pages = make_conninfo(store, options="-c role=hotline_pages")
    pages = make_pages(authorise, lambda: connect(as_pages), lambda: AUDITED, sign_in="../login")
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=[Mount(ROOT, pages)]), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{ROOT}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def fill(orders: OrderBridge) -> None:
    """Something for every page, with personal data and hostile texts in it."""
    registered = f"{datetime.now(SHANGHAI) - timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
    given = {
        "registime": registered,
        "proname": SECRETS[0],
        "telnumber": SECRETS[1],
        "complacontent": SECRETS[2],
        "procerno": SECRETS[3],
    }
    fitting = {name: value for name, value in given.items() if name in order(COMPLAINT)}
    orders.write(
        *(order(COMPLAINT, number, **{**fitting, "invopart": HOSTILE[:90]}) for number in NUMBERS[5:]),
        interface=COMPLAINT,
    )
    orders.run()
    orders.write(order(COMPLAINT, TWICE, **{**fitting, "invopart": "某某超市"}), interface=COMPLAINT)
    orders.run()
    audited = OrderBridge(orders.stores, orders.platform, orders.sandbox, orders.interfaces, AUDITED)
    audited.write(*(order(COMPLAINT, number, **fitting) for number in NUMBERS[:3]), interface=COMPLAINT)
    audited.write(order(COMPLAINT, BROKEN, **{**fitting, "proname": None}), interface=COMPLAINT)
    audited.write(order(REPORT, NUMBERS[4], registime=registered, invopart=None), interface=REPORT)
    audited.take_in()
    with psycopg.connect(orders.stores.local, autocommit=True) as local:
        local.execute("SET TIME ZONE 'Asia/Shanghai'")  # its days are those of the pages
        local.execute(
            "UPDATE hotline.delivery SET state = 'rejected', code = '7', message = %s, rounds = 1, settled_at = now()"
            " WHERE key = %s AND state = 'delivered'",
            [HOSTILE, NUMBERS[6]],
        )
        local.execute(
            """
            INSERT INTO hotline.interaction_log
            (started_at, interface, key, attempt, outcome, code, message, elapsed_ms, body_sha256)
            SELECT now() - n * interval '1 minute', 'callinfo', 'key-' || n, 1, 'refused', '7', %s, 12, ''
            FROM generate_series(1, 60) AS n
            """,
            [HOSTILE],
        )
        local.execute(
            """
            INSERT INTO hotline.quarantined_answer
            (interface, key, content_hash, reasons, raw, first_seen_at, last_seen_at)
            SELECT 'getCaseLzmx', 'G' || n, n::text::bytea, '{bh:required}', '{}', now(), now()
            FROM generate_series(1, 3) AS n
            """
        )
        local.execute(
            """
            INSERT INTO hotline.count_reconciliation (
                checked_at, day, kind, docking_count, delivered_count, platform_count, local_count, explained,
                unexplained, state
            ) VALUES
            (now(), current_date - 1, 'complaint', 5, 5, 9, 7, '{"network": 2, "gap": 2}', 2, 'open'),
            (now(), current_date - 1, 'report', 5, 5, 5, 5, '{}', 0, 'agreed')
            """
        )
    now = datetime.now(SHANGHAI)
    with connect(orders.stores.local) as local:
        refresh(local)
        load_standard_data(local)
        delivered = Delivered([Code("440203", "武江新区"), Code("440299", HOSTILE[:90])], has_days=False)
        said = {"actor": "airflow:wang", "file_name": HOSTILE[:90], "source": HOSTILE[:90], "source_date": now.date()}
        keep_upload(local, "area", delivered, **said, holds_from=now.date())
        local.execute(
            "INSERT INTO hotline.unknown_code (interface, field, category, code, row_count)"
            " VALUES ('callinfo', 'sourcearea', 'area', '440299', 12)"
        )
        write_results(
            local,
            now,
            Window(now - timedelta(days=7), now),
            [
                evaluate("complaint_order", "proname:required", error_above=0.0, checked=9, failing=2, keys=[HOSTILE]),
                evaluate("call_log", "volume", error_above=None, checked=9, failing=0),
            ],
        )


def addresses(store: str) -> dict[str, str]:
    """For each page of the application: an address of it, below the root, that shows something."""
    yesterday = datetime.now(SHANGHAI).date() - timedelta(days=1)
    with psycopg.connect(store) as local:
        [(held,)] = local.execute(
            "SELECT row_id FROM hotline.delivery WHERE key = %s AND state = 'held'", [HELD]
        ).fetchall()
        [(broken,)] = local.execute(
            "SELECT row_id FROM hotline.delivery WHERE key = %s AND state = 'quarantined'", [BROKEN]
        ).fetchall()
        [(delivery,)] = local.execute("SELECT row_id FROM hotline.code_delivery").fetchall()
    examples = {
        "/orders/{regino:path}": f"/orders/{TWICE}",
        "/audit/{row_id:int}": f"/audit/{held}",
        "/runs/{dag}/{run_id:path}": "/runs/telephony_report/any",
        "/completion/{regino:path}": f"/completion/{BROKEN}",
    }
    found = {page.path: examples.get(page.path, page.path) for page in PAGES if page.method == "GET"}
    return {
        **found,
        "a row in quarantine": (
            f"/quarantine?pile=versions&interface={COMPLAINT}&cause=proname%3Arequired&row={broken}"
        ),
        "a rule": "/quality?table=complaint_order&rule=proname%3Arequired",
        "a code list": "/codes?list=area",
        "a delivered list": f"/codes?delivery={delivery}",
        "a group in quarantine": f"/quarantine?pile=versions&interface={COMPLAINT}&cause=proname%3Arequired",
        "a month of reconciliation": f"/reconciliation?month={yesterday:%Y-%m}",
        "a day of reconciliation": f"/reconciliation?day={yesterday}",
        "a wrong question": "/exchanges?first=gestern&code=" + "9" * 300,
        "astray": "/nothing",
    }
