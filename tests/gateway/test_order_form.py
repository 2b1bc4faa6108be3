"""The order form inside 12345: opened once, prefilled, judged by the rules of intake, submitted once."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import logging
import os
import re
import secrets
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from psycopg.conninfo import make_conninfo
from requests.auth import AuthBase

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking.contract_sql import row_rules
from hotline_bridge.failpoints import FORM_FAILPOINTS
from hotline_bridge.gateway import form_pages
from hotline_bridge.gateway.clients import Client, set_areas, token_hash
from hotline_bridge.gateway.form_asked import NotLaunched
from hotline_bridge.gateway.form_launches import forget_late
from hotline_bridge.gateway.form_pages import Forms, FormStores
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.store.database import connect
from hotline_sandbox.city.orders import CityOrder, GatewayError
from tests import warm
from tests.examples import examples
from tests.gateway import form_agent
from tests.gateway.conftest import running_gateway
from tests.gateway.form_agent import CLIENT, ORIGIN, Agent
from tests.gateway.serving import city_and_gateway
from tests.invariants import breaches
from tests.orders.order_bridge import COMPLAINT, KINDS, OrderBridge, order

if TYPE_CHECKING:
    from requests import PreparedRequest

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_bridge.store.database import Session
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

NUMBER = "G4402032026112400001"
IN_AREA = NUMBER[1:]
"""Where the area begins with the first character of a number, as clients have it by default."""
SECRET = "隐私姓名"
PROGRAM = Path(form_agent.__file__)


@pytest.fixture
def orders(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> OrderBridge:
    return OrderBridge(stores, platform, sandbox, interfaces_of("order"))


@pytest.fixture
def agent(stores: Stores) -> Agent:
    return Agent(stores, lambda: connect(stores.docking))


def typed(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send of a form as it stands."""
    text = re.sub(r"\s+", " ", re.sub(r"<textarea.*?</textarea>", "", answer.text, flags=re.DOTALL))
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', text))
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', text):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    areas = re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', answer.text, flags=re.DOTALL)
    return {name: html.unescape(value) for name, value in {**found, **dict(areas)}.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_is_prefilled_completed_and_written_as_by_12345(agent: Agent, orders: OrderBridge, kind: str) -> None:
    whole = order(kind, NUMBER)
    opened = agent.open(**{**whole, "method": kind, "proaddr": None, "accepregname": None})
    assert opened.status_code == 200
    assert "还缺 2 项" in opened.text
    form = typed(opened)
    refused = agent.submit(form)
    assert refused.status_code == 422
    assert "没有提交，请更正 2 项" in refused.text
    assert orders.docking("SELECT count(*) FROM docking.complaint_order") == [(0,)]
    saved = agent.submit(typed(refused), proaddr=whole["proaddr"], accepregname=whole["accepregname"])
    assert saved.status_code == 200, saved.text
    assert f'data-regino="{NUMBER}" data-origin="{ORIGIN}"' in saved.text
    orders.take_in()
    orders.deliver()
    [sent] = orders.sent(kind)
    assert sent == {"method": kind, **{name: value or "" for name, value in whole.items()}}


def launches(orders: OrderBridge) -> list[Any]:
    return orders.local("SELECT prefill, opened_at IS NOT NULL, submitted_at IS NOT NULL FROM hotline.form_launch")


def written(orders: OrderBridge, column: str = "complacontent") -> list[str]:
    rows = orders.docking(f"SELECT {column} FROM docking.complaint_order ORDER BY written_at")  # noqa: S608  (ours)
    return [value for (value,) in rows]


@pytest.mark.parametrize("step", FORM_FAILPOINTS)
def test_killed_at_a_step_it_is_submitted_again_and_written_once(agent: Agent, orders: OrderBridge, step: str) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER)))
    stores = {"DOCKING": orders.stores.docking, "LOCAL": orders.stores.local}
    killed = warm.run(PROGRAM, json.dumps(form), environment={**os.environ, **stores}, step=step)
    assert killed == -signal.SIGKILL
    assert len(written(orders)) == (step != "order-written")
    assert agent.submit(form).status_code == 200
    assert len(written(orders)) == 1
    assert launches(orders) == [(None, True, True)]
    orders.run()
    assert orders.states() == {"delivered": 1}
    assert breaches(orders.stores, orders.sandbox) == []


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


def test_a_form_is_submitted_once_however_often_it_is_sent(agent: Agent, orders: OrderBridge) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER)))
    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(lambda _: agent.submit(form), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(written(orders)) == 1
    back = agent.submit(form, complacontent="改过")
    assert "只能提交一次" in back.text
    assert len(written(orders)) == 1


def test_of_two_tabs_the_second_sees_what_the_first_changed(agent: Agent, orders: OrderBridge) -> None:
    first, second = (typed(agent.open(**order(COMPLAINT, NUMBER))) for _ in range(2))
    assert agent.submit(first, complacontent="甲说的").status_code == 200
    conflict = agent.submit(second, complacontent="乙说的")
    assert conflict.status_code == 409
    assert "12345 现在的内容：甲说的" in conflict.text
    assert written(orders) == ["甲说的"]
    assert agent.submit(typed(conflict)).status_code == 200
    assert written(orders) == ["甲说的", "乙说的"]


def test_hostile_and_long_texts_arrive_as_they_are(agent: Agent, orders: OrderBridge) -> None:
    hostile = "</textarea><script>alert(1)</script>\r\n\"'&amp;\u202e"
    long = ("👨‍👩‍👧字\r\n" * 1000)[:4000].strip()
    opened = agent.open(**order(COMPLAINT, NUMBER, complacontent=hostile, applcontent=long, goodsname=hostile))
    assert "<script>alert" not in opened.text
    form = typed(opened)
    assert form["field-goodsname"] == hostile.replace("\r\n", "\n")
    # A browser sends the ends of lines in its own way.
    sent = {name: value.replace("\n", "\r\n") for name, value in form.items()}
    saved = agent.submit(sent)
    assert saved.status_code == 200, saved.text
    assert written(orders) == [hostile.replace("\r\n", "\n")]
    assert written(orders, "applcontent") == [long.replace("\r\n", "\n")]
    too_long = agent.submit(typed(agent.open(regino=NUMBER)), complacontent="字" * 4001)
    assert too_long.status_code == 422
    assert "最多 4000 个字，现在有 4001 个" in too_long.text


def test_an_order_that_is_there_opens_with_its_state_and_unchanged_is_not_written_again(
    agent: Agent, orders: OrderBridge
) -> None:
    odd = " 一行\r\n二行\u0007 "
    orders.write(order(COMPLAINT, NUMBER, actoperplace=odd, brandname=None), interface=COMPLAINT)
    orders.docking("INSERT INTO docking.order_status VALUES (%s, 'failed', '涉及主体必填项为空')", NUMBER)
    opened = agent.open(**order(COMPLAINT, NUMBER, goodsname="12345 改过的", brandname="新填的"))
    assert "12315 未接收：涉及主体必填项为空" in opened.text
    assert "12345 现在的内容：12345 改过的" in opened.text
    form = typed(opened)
    assert form["field-brandname"] == "新填的"
    assert agent.submit(form, brandname="").status_code == 200
    assert written(orders, "actoperplace") == [odd]
    assert agent.submit(typed(agent.open(regino=NUMBER)), brandname="又填").status_code == 200
    assert written(orders, "actoperplace") == [odd, odd]
    assert "最近一次在受理页提交于" in agent.open(regino=NUMBER).text


def test_the_rules_of_the_moment_of_submitting_count(
    agent: Agent, orders: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER, goodsname=None)))
    now = [
        {**rule, "required": rule["required"] or rule["name"] == "goodsname"}
        for rule in row_rules(contract()[COMPLAINT])
    ]
    with monkeypatch.context() as changed:
        changed.setattr("hotline_bridge.outbound.judge.row_rules", lambda _interface: now)
        refused = agent.submit(form)
        assert refused.status_code == 422
        assert 'href="#field-goodsname"' in refused.text
    assert written(orders) == []


def test_doubts_are_told_and_block_nothing(agent: Agent, orders: OrderBridge) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER)))
    told = agent.ask("POST", "/embed/check", data={**form, "field-protel": "12", "field-invopart": " "}).json()
    assert told["field-protel"] == {"wrong": [], "doubts": ["不像电话号码"], "said": ""}
    assert told["field-invopart"]["wrong"] == ["必填项为空"]
    checked = agent.submit(form, protel="12", check=True)
    assert "检查完毕，可以提交。有 1 项存疑" in checked.text
    assert written(orders) == []
    assert agent.submit(form, protel="12").status_code == 200
    assert written(orders, "protel") == ["12"]


def test_delivered_lists_are_searched_and_walked_down(agent: Agent, orders: OrderBridge) -> None:
    codes = {"20": "服务", "2010": "餐饮服务", "201010": "宾馆餐饮"} | {f"10{n:02}": f"商品{n}" for n in range(20)}
    for code, name in codes.items():
        orders.local(
            "INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)"
            " VALUES ('goods_service', '商品服务分类', %s, %s, '测试', '2026-01-01')",
            code,
            name,
        )
    opened = agent.open(**order(COMPLAINT, NUMBER, goodsobtype="9", salesway="2"))
    assert 'data-list="goods_service"' in opened.text
    assert 'data-named-in="field-goodsobtypename"' in opened.text
    assert "存疑：不在代码表中" in opened.text
    form = typed(opened)
    assert form["field-goodsobtype"] == "9"

    def found(**what: str) -> list[str]:
        answer = agent.ask("POST", "/embed/codes", data={"key": form["key"], "list": "goods_service", **what})
        return [choice["code"] for choice in answer.json()]

    assert found(below="20") == ["2010"]
    assert found(find="BGCY") == ["201010"]
    assert found(find="餐饮") == ["2010", "201010"]
    assert found(find="201") == ["2010", "201010"]
    assert len(found(below="")) == 21
    assert found(find="没有") == found(list="area") == []
    assert agent.submit(form, goodsobtype="201010").status_code == 200


def test_a_store_that_is_down_writes_nothing_and_the_text_stays(
    agent: Agent, orders: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = agent.launch(**order(COMPLAINT, NUMBER))
    reachable = agent.open_docking

    def gone() -> Session:
        return connect("host=127.0.0.1 port=1 connect_timeout=2")

    agent.forms.close()
    agent.open_docking = gone
    assert agent.ask("GET", path).status_code == 503
    agent.open_docking = reachable
    form = typed(agent.ask("GET", path))  # the address still opens
    agent.forms.close()
    agent.open_docking = gone
    down = agent.submit(form, complacontent="刚写的")
    assert down.status_code == 503
    assert "对接库现在不能写入，没有提交" in down.text
    agent.open_docking = reachable
    # The order is written, and the local store fails or is lost before that is noted.
    for fail in (
        lambda local, _opened: local.execute("SELECT 1 / 0"),
        lambda local, _opened: orders.local(f"SELECT pg_terminate_backend({local.info.backend_pid}, 5000)"),
    ):
        with monkeypatch.context() as changed:
            changed.setattr(form_pages, "note_submitted", fail)
            lost = agent.submit(typed(down))
        assert (lost.status_code, "不能确定是否已提交" in lost.text, "没有提交" in lost.text) == (503, True, False)
        assert written(orders) == ["刚写的"]
    assert agent.submit(typed(down)).status_code == 200
    assert written(orders) == ["刚写的"]
    agent._forms = Forms(FormStores(gone, agent.open_docking))
    assert agent.submit(form).status_code == 503


def test_readiness_says_which_parts_work(
    stores: Stores, http: httpx.Client, orders: OrderBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_gateway = make_conninfo(stores.local, options="-c role=hotline_gateway")
    forms = FormStores(lambda: connect(as_gateway), lambda: connect(stores.docking))
    with running_gateway(stores.local, form_stores=forms) as address:

        def ready() -> tuple[int, dict[str, bool]]:
            answer = http.get(f"{address}/ready")
            return answer.status_code, answer.json()["data"]

        assert ready() == (200, {"feedback": True, "order_form": True})
        orders.docking("ALTER TABLE docking.order_status RENAME TO gone")
        assert ready() == (200, {"feedback": True, "order_form": False})
        orders.docking("ALTER TABLE docking.gone RENAME TO order_status")
        orders.local("ALTER TABLE hotline.gateway_client RENAME TO gone")
        assert ready() == (503, {"feedback": False, "order_form": False})
        orders.local("ALTER TABLE hotline.gone RENAME TO gateway_client")


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


def test_a_number_is_shown_as_it_was_written(agent: Agent, orders: OrderBridge) -> None:
    opened = agent.open(**{**order(COMPLAINT, NUMBER), "reginfotype": 1, "consumamount": Decimal("168.50")})
    assert typed(opened)["field-consumamount"] == "168.50"
