"""The order form inside 12345, once it is open: prefilled, judged by the rules of intake, submitted once."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.docking.contract_sql import row_rules
from hotline_bridge.failpoints import FORM_FAILPOINTS
from hotline_bridge.gateway import form_pages
from hotline_bridge.gateway.form_pages import Forms, FormStores
from hotline_bridge.store.database import connect
from tests import warm
from tests.gateway import form_agent
from tests.gateway.conftest import running_gateway
from tests.gateway.form_agent import NUMBER, ORIGIN, Agent, launches, typed, written
from tests.invariants import breaches
from tests.orders.order_bridge import COMPLAINT, KINDS, OrderBridge, order

if TYPE_CHECKING:
    from hotline_bridge.store.database import Session
    from tests.fixtures import Stores

PROGRAM = Path(form_agent.__file__)


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
    assert "现在不能写入，没有提交" in down.text
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


@pytest.mark.parametrize(
    ("store", "held", "said"),
    [
        ("docking", "LOCK TABLE docking.complaint_order IN EXCLUSIVE MODE", "没有提交"),
        ("local", "SELECT FROM hotline.form_launch FOR UPDATE", "没有提交"),
        ("local", "LOCK TABLE hotline.form_launch", "不能确定是否已提交"),
    ],
)
def test_a_submit_over_its_time_is_told_of_and_the_same_form_is_submitted_later(
    agent: Agent, orders: OrderBridge, store: str, held: str, said: str
) -> None:
    form = typed(agent.open(**order(COMPLAINT, NUMBER)))
    patient = agent.forms
    docking, local = (
        make_conninfo(getattr(agent.stores, name), options=f"-c lock_timeout=200ms{role}")
        for name, role in (("docking", ""), ("local", " -c role=hotline_gateway"))
    )
    agent._forms = Forms(FormStores(lambda: connect(local), lambda: connect(docking)))
    with psycopg.connect(getattr(agent.stores, store)) as holding:
        holding.execute(held)
        late = agent.submit(form, complacontent="刚写的")
    assert (late.status_code, said in late.text) == (503, True)
    assert (written(orders), launches(orders)) == ([], [(None, True, False)])
    again = {**form, "field-complacontent": "刚写的"}
    if said == "没有提交":
        assert typed(late) == again, "what was typed is in the answer"
    agent._forms = patient
    assert agent.submit(again).status_code == 200
    assert (written(orders), launches(orders)) == (["刚写的"], [(None, True, True)])


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


def test_a_number_is_shown_as_it_was_written(agent: Agent, orders: OrderBridge) -> None:
    opened = agent.open(**{**order(COMPLAINT, NUMBER), "reginfotype": 1, "consumamount": Decimal("168.50")})
    assert typed(opened)["field-consumamount"] == "168.50"
