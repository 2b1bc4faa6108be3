"""How long a clerk waits for the order form: `--only form`. Real HTTP, both stores, a code list of 5,000 codes."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import httpx
import uvloop
from psycopg.conninfo import make_conninfo

from bench.findings import Finding, at_most
from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.gateway.form_pages import FormStores
from hotline_bridge.gateway.serve import server
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.store.database import connect, connect_async
from hotline_sandbox.city.agent import FormPage
from hotline_sandbox.city.invented import LEFT_TO_CLERK, invented_orders
from hotline_sandbox.city.orders import City

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.harness import Harness

_TARGET_MS = 100
_CODES = """
INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)
SELECT 'goods_service', '商品服务分类', lpad(n::text, 6, '0'), '某类商品' || n, 'bench', '2026-01-01'
FROM generate_series(1, 5000) AS n
"""
_ORIGIN = "http://12345.example"


def measure_form(harness: Harness, *, forms: int) -> list[Finding]:
    """Ask for forms, open them, check a field, search a list, submit: one clerk after the other.

    Args:
        harness: A server with templates of empty stores.
        forms: How many.
    """
    for name in ("docking", "local"):
        harness.server.create_database(f"form_{name}", template=name)
    docking, local = (harness.server.conninfo(f"form_{name}") for name in ("docking", "local"))
    with connect(local) as session:
        session.execute(_CODES)
        client = add_client(session, "12345", ["440200"], origins=[_ORIGIN])
    as_gateway = make_conninfo(local, options="-c role=hotline_gateway")
    stores = FormStores(partial(connect, as_gateway), partial(connect, docking))
    settings = GatewaySettings(calls_per_s=1e6)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = server(make_gateway(settings, partial(connect_async, as_gateway), stores), settings)
    thread = threading.Thread(target=uvloop.run, args=[serving.serve([listening])])
    thread.start()
    try:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        orders = invented_orders(-(-forms // 3), "44020320261201")
        took = _fill(City(orders, base, client.app_id, client.token, partial(connect, docking)))
    finally:
        serving.should_exit = True
        thread.join()
    for name in ("docking", "local"):
        harness.server.drop_database(f"form_{name}")
    return [_told(step, [1_000 * seconds for seconds in spans]) for step, spans in took.items()]


def _fill(city: City) -> Mapping[str, list[float]]:
    took: dict[str, list[float]] = {step: [] for step in ("ask", "open", "check", "search", "submit")}
    with httpx.Client(trust_env=False, timeout=30) as http:

        def timed(step: str, method: str, address: str, data: Mapping[str, str] | None = None) -> httpx.Response:
            began = time.perf_counter()
            answer = http.request(method, address, data=data)
            took[step].append(time.perf_counter() - began)
            answer.raise_for_status()
            return answer

        for regino in city.orders:
            began = time.perf_counter()
            address = city.sign_for(regino, "某人", _ORIGIN)
            took["ask"].append(time.perf_counter() - began)
            form = FormPage(timed("open", "GET", address).text)
            values = {**form.values, **{f"field-{name}": "某处" for name in LEFT_TO_CLERK}}
            for _ in range(5):
                timed("check", "POST", f"{city.gateway}/embed/check", values)
            wanted = {"key": values["key"], "list": "goods_service", "find": "mlsp4"}
            timed("search", "POST", f"{city.gateway}/embed/codes", wanted)
            if FormPage(timed("submit", "POST", f"{city.gateway}/embed/form", values).text).submitted != regino:
                raise RuntimeError(f"{regino} was not submitted")
    return took


def _told(step: str, spans: list[float]) -> Finding:
    p95 = statistics.quantiles(spans, n=20)[-1]
    note = f"median {statistics.median(spans):.0f} ms, longest {max(spans):.0f} ms of {len(spans)}"
    return at_most(f"order form: {step}, p95", p95, _TARGET_MS, " ms", note=note)
