"""Who opens the order form inside 12345: asked for by its server, opened once and in time, and by nobody else."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from psycopg.conninfo import make_conninfo
from requests.auth import AuthBase

from hotline_bridge.gateway import form_pages
from hotline_bridge.gateway.clients import Client, set_areas, token_hash
from hotline_bridge.gateway.form_asked import NotLaunched
from hotline_bridge.gateway.form_launches import forget_late
from hotline_bridge.gateway.form_pages import Forms, FormStores
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.store.database import connect
from hotline_sandbox.city.orders import CityOrder, GatewayError
from tests.examples import examples
from tests.gateway.conftest import running_gateway
from tests.gateway.form_agent import CLIENT, NUMBER, ORIGIN, SECRET, Agent, launches, typed, written
from tests.gateway.serving import city_and_gateway
from tests.orders.order_bridge import COMPLAINT, OrderBridge, order

if TYPE_CHECKING:
    from requests import PreparedRequest

    from hotline_bridge.store.database import Session
    from tests.fixtures import Stores

IN_AREA = NUMBER[1:]
"""Where the area begins with the first character of a number, as clients have it by default."""


def test_an_address_opens_once_and_its_prefill_is_gone_with_that(agent: Agent, orders: OrderBridge) -> None:
    path = agent.launch(**order(COMPLAINT, NUMBER, proname=SECRET))
    assert SECRET not in path
    assert NUMBER not in path
    assert agent.ask("HEAD", path).status_code == 204
    assert SECRET in agent.ask("GET", path).text
    assert launches(orders) == [(None, True, False)]
    again = agent.ask("GET", path)
    assert (again.status_code, "已经打开过" in again.text, SECRET in again.text) == (410, True, False)
    assert agent.ask("GET", f"{path}x").status_code == 404
    agent.launch(**order(COMPLAINT, NUMBER, proname=SECRET))
    late = agent.launch(**order(COMPLAINT, NUMBER, proname=SECRET))
    orders.local("UPDATE hotline.form_launch SET launched_at = launched_at - interval '11 minutes'")
    assert "已过期" in agent.ask("GET", late).text
    agent.launch(regino=NUMBER)
    with connect(agent.stores.local) as local:
        forget_late(local)
    assert sorted(prefill is None for prefill, *_ in launches(orders)) == [False, True, True, True]


def test_a_form_lasts_a_working_day_and_forged_keys_do_nothing(agent: Agent, orders: OrderBridge) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER)))
    for key, status in (("", 410), ("x" * 43, 410), (form["key"][:-1], 410), ("%ED%A0%80", 410), ("\ud800", 400)):
        for path in ("form", "check", "codes"):
            data = f"key={key}".encode(errors="surrogatepass")
            assert agent.ask("POST", f"/embed/{path}", content=data).status_code == status
    orders.local("UPDATE hotline.form_launch SET opened_at = opened_at - interval '9 hours'")
    assert agent.submit(form).status_code == 410
    assert written(orders) == []


def test_the_forms_of_a_client_that_was_revoked_do_nothing(agent: Agent, orders: OrderBridge) -> None:
    orders.local(_CLIENT_ROW)
    form, waiting = typed(agent.open(**order(COMPLAINT, NUMBER))), agent.launch(**order(COMPLAINT, NUMBER))
    assert agent.submit(form, check=True).status_code == 200
    orders.local("UPDATE hotline.gateway_client SET revoked_at = now()")
    assert agent.submit(form).status_code == 410
    assert agent.ask("POST", "/embed/check", data=form).status_code == 410
    assert agent.ask("GET", waiting).status_code == 410
    assert written(orders) == []


def test_the_forms_of_an_area_that_was_taken_from_their_client_do_nothing(agent: Agent, orders: OrderBridge) -> None:
    orders.local(_CLIENT_ROW)
    form, waiting = typed(agent.open(**order(COMPLAINT, NUMBER))), agent.launch(**order(COMPLAINT, NUMBER))
    with connect(agent.stores.local) as local:
        set_areas(local, "12345", ["330100"])
        assert agent.submit(form).status_code == 410
        assert agent.ask("GET", waiting).status_code == 410
        set_areas(local, "12345", ["440203"])
    assert agent.submit(form).status_code == 200


_CLIENT_ROW = "INSERT INTO hotline.gateway_client (name, app_id, areas, area_at) VALUES ('12345', 'a1', '{440200}', 2)"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "getTsBusiCaseInfoData"}, "method"),
        ({"regino": ""}, "regino"),
        ({"regino": "G440203" + "1" * 40}, "regino"),
        ({"regino": "G3301002026112400001"}, "行政区划"),
        ({"regino": f"{NUMBER}\0"}, "regino"),
        ({"operator": " "}, "operator"),
        ({"operator": "李\u0007四"}, "operator"),
        ({"opener_origin": "https://12345.example.evil"}, "opener_origin"),
        ({"opener_origin": f"{ORIGIN}/"}, "opener_origin"),
        ({"proname": ["张三"]}, "proname"),
        ({"proname": True}, "proname"),
    ],
)
def test_a_wrong_launch_opens_nothing_and_says_why(
    agent: Agent, orders: OrderBridge, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(NotLaunched) as refused:
        agent.launch(**{**order(COMPLAINT, NUMBER), **wrong})
    assert said in refused.value.what
    assert launches(orders) == []


def test_refused_launches_open_no_session_each(agent: Agent, orders: OrderBridge) -> None:
    reachable, opened = agent.open_docking, []

    def open_docking() -> Session:
        opened.append(reachable())
        return opened[-1]

    agent.open_docking = open_docking
    for _ in range(3):
        with pytest.raises(NotLaunched):
            agent.launch(regino="G3301002026112400001")
    assert [session.closed for session in opened] == [False]


def test_a_number_that_another_record_has_opens_nothing(agent: Agent, orders: OrderBridge) -> None:
    orders.write(order(COMPLAINT, NUMBER, proname=SECRET), interface=COMPLAINT)
    other = order(COMPLAINT, NUMBER, proname="另一人", registime="2026-11-01 08:00:00", telnumber="13900000001")
    with pytest.raises(NotLaunched, match="no form"):
        agent.launch(**other)
    assert agent.open(regino=NUMBER).status_code == 200


def test_however_many_prefilled_forms_are_forgotten_at_once(agent: Agent, orders: OrderBridge) -> None:
    orders.local(
        "INSERT INTO hotline.form_launch"
        " (ticket_hash, client, origins, interface, regino, operator, opener_origin, prefill, launched_at)"
        " SELECT sha256(n::text::bytea), 'a1', '{}', '', '', '', '', '{}', now() - interval '11 minutes'"
        " FROM generate_series(1, 2500) AS n"
    )
    with connect(agent.stores.local) as local:
        forget_late(local)
    assert [prefill for prefill, *_ in launches(orders) if prefill is not None] == []


def test_prefilled_forms_are_forgotten_though_it_failed_once(
    agent: Agent, orders: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.launch(**order(COMPLAINT, NUMBER, proname=SECRET))
    orders.local("UPDATE hotline.form_launch SET launched_at = launched_at - interval '11 minutes'")
    monkeypatch.setattr(form_pages, "_TENDED_EVERY_S", 0.0)
    forms, fail = agent.forms, iter([ValueError("")])

    def forget(local: Session) -> None:
        for error in fail:
            raise error
        forget_late(local)

    monkeypatch.setattr(form_pages, "forget_late", forget)

    async def tend() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(forms.tend)
            while [prefill for prefill, *_ in await anyio.to_thread.run_sync(launches, orders)] != [None]:
                pass
            tasks.cancel_scope.cancel()

    anyio.run(tend)


def test_only_its_client_may_embed_a_form_and_nothing_is_kept_in_the_browser(agent: Agent, orders: OrderBridge) -> None:
    opened = agent.open(**order(COMPLAINT, NUMBER))
    for answer in (opened, agent.submit(typed(opened))):
        assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {ORIGIN}")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
    assert '<form id="order" autocomplete="off"' in opened.text  # else a browser restores what was typed
    for asset in re.findall(r'(?:href|src)="(/embed/static/[^"]+)"', opened.text):
        assert agent.ask("GET", asset).status_code == 200
    assert agent.ask("GET", "/embed/static/form.js").status_code == 404
    assert agent.ask("GET", "/embed/form").status_code == 405  # signed addresses are off


def test_a_signed_address_opens_once_what_stands_in_the_docking_store(agent: Agent, orders: OrderBridge) -> None:
    token = "t" * 43
    client = replace(CLIENT, token_hashes=(token_hash(token),))

    async def clients() -> dict[str, Client]:
        return {client.app_id: client}

    as_gateway = make_conninfo(agent.stores.local, options="-c role=hotline_gateway")
    agent._forms = Forms(FormStores(lambda: connect(as_gateway), agent._open_docking), clients)
    orders.write(order(COMPLAINT, NUMBER, proname=SECRET), interface=COMPLAINT)

    def address(**changes: str) -> str:
        pairs = {
            **{"appid": "a1", "ts": str(int(time.time())), "nonce": secrets.token_hex(8), "method": COMPLAINT},
            **{"regino": NUMBER, "operator": "李四", "opener_origin": ORIGIN, **changes},
        }
        signed = "&".join(f"{name}={value}" for name, value in sorted(pairs.items()))
        key = hashlib.sha256(token.encode()).hexdigest().encode()
        return f"/embed/form?{urlencode({**pairs, 'sig': hmac.new(key, signed.encode(), 'sha256').hexdigest()})}"

    reachable, broken = agent.open_docking, address()
    agent.open_docking = lambda: connect("host=127.0.0.1 port=1 connect_timeout=2")
    assert agent.ask("GET", broken).status_code == 503
    agent.open_docking = reachable
    assert SECRET in agent.ask("GET", broken).text  # a failure uses none up
    good = address()
    assert SECRET in agent.ask("GET", good).text
    assert agent.ask("GET", good).status_code == 403
    late = address(ts=str(int(time.time()) - 301))
    tampered = address().replace(NUMBER, f"{NUMBER}2")
    twice = f"{address()}&regino={NUMBER}"
    unclear = (address(operator=f"李四&regino={NUMBER}2"), address(proname="张三"))
    for wrong in (
        *(late, tampered, twice, *unclear, address(nonce="short"), address(appid="a2"), address(ts="x")),
        "/embed/form",
    ):
        refused = agent.ask("GET", wrong)
        assert (refused.status_code, SECRET in refused.text) == (403, False)


def test_a_launch_is_signed_and_logged_without_a_value(
    orders: OrderBridge, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {name: value for name, value in order(COMPLAINT, IN_AREA, proname=SECRET).items() if value}
    with city_and_gateway(stores, [CityOrder(COMPLAINT, fields)]) as (city, origin):
        url = city.sign_for(IN_AREA, "李四", origin)
        with httpx.Client(trust_env=False) as http:
            assert SECRET in http.get(url).text
            unsigned = http.post(f"{city.gateway}/embed/orders", json=fields)
            assert (unsigned.status_code, unsigned.json()["code"]) == (401, 40101)
            for body, status, said in (
                (b"key=" + b"x" * 600_000, 413, "内容过多"),
                (b"\xff\xfe", 400, "无法识别"),
                (b"&".join([b"a=b"] * 1000), 400, "无法识别"),
                (b"--x\r\n", 410, "已失效"),
            ):
                for path in ("form", "check", "codes"):
                    refused = http.post(f"{city.gateway}/embed/{path}", content=body)
                    assert refused.status_code == status
                    assert path != "form" or said in refused.text
        with pytest.raises(GatewayError, match="opener_origin"):
            city.sign_for(IN_AREA, "李四", "https://other.example")
    logged = orders.local(
        "SELECT interface, key, outcome, code, t::text FROM hotline.interaction_log AS t ORDER BY row_id"
    )
    assert [row[:4] for row in logged] == [
        ("gateway/embedorders", "市 12345", "served", "0"),
        ("gateway/embedorders", "", "turned_away", "40101"),
        ("gateway/embedorders", "市 12345", "turned_away", "40002"),
    ]
    kept = orders.local("SELECT f::text FROM hotline.form_launch AS f")
    assert SECRET not in f"{logged}{kept}{caplog.text}"


def test_a_browser_that_leaves_and_a_gateway_below_a_path(
    stores: Stores, caplog: pytest.LogCaptureFixture, http: httpx.Client
) -> None:
    forms = FormStores(lambda: connect(stores.local), lambda: connect(stores.docking))
    below = GatewaySettings(public_url="https://gateway.example/12315")
    with running_gateway(stores.local, below, forms) as address:
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        assert 'src="/12315/embed/static/form.' in http.get(f"{address}/embed/form/none").text
        for path in (b"check", b"codes", b"form"):
            with socket.create_connection(address.removeprefix("http://").split(":")) as browser:
                browser.sendall(b"POST /embed/%b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nkey=" % path)
    assert caplog.text == ""


def test_made_up_launches_are_answered_as_the_document_says(orders: OrderBridge, stores: Stores) -> None:
    with city_and_gateway(stores, [], calls_per_s=1e6, calls_burst=10**6, failed_per_minute=1e6) as (city, origin):

        class Signed(AuthBase):
            def __call__(self, request: PreparedRequest) -> PreparedRequest:
                body = request.body or b""
                body = body.encode() if isinstance(body, str) else body
                request.headers["Authorization"] = city.said_by(body)
                return request

        document = schemathesis.openapi.from_url(f"{city.gateway}/openapi.json")
        [operation] = [one for found in document.get_all_operations() if (one := found.ok()).path == "/embed/orders"]
        statuses: set[int] = set()

        def is_answered(case: Any) -> None:
            if case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE and isinstance(case.body, dict):
                case.body |= {"regino": IN_AREA, "operator": "李四", "opener_origin": origin}
            auth = Signed() if "Authorization" in (case.headers or {}) else None
            statuses.add(case.call_and_validate(auth=auth).status_code)

        for strategy in (
            operation.as_strategy(),
            operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
        ):
            tried = settings(max_examples=examples(25), deadline=None, suppress_health_check=[*HealthCheck])
            tried(given(strategy)(is_answered))()
        # Which refusals are drawn is chance; each has a test of its own.
        assert {200} <= statuses <= {200, 400, 401}
