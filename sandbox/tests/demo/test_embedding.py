"""12345 as `make up` plays it: its client from run to run, and the feedback that it fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.gateway.clients import list_clients
from hotline_bridge.store.database import connect
from hotline_sandbox.city.invented import LEFT_TO_CLERK, invented_orders
from hotline_sandbox.city.orders import ANSWERED, GatewayError
from hotline_sandbox.demo.embedding import client_of
from tests.gateway.conftest import feed_back
from tests.gateway.serving import city_and_gateway

if TYPE_CHECKING:
    from tests.fixtures import Stores


def test_a_second_run_calls_as_the_same_client_with_a_new_token(local_store: str) -> None:
    first, second = (client_of(local_store, origin) for origin in ("http://localhost:1", "http://localhost:2"))
    assert first.app_id == second.app_id
    assert first.token != second.token
    with connect(local_store) as local:
        [client] = list_clients(local)
        assert client.tokens == 1
        assert local.execute("SELECT origins FROM hotline.gateway_client").fetchall() == [(["http://localhost:2"],)]


def test_the_city_leaves_to_the_clerk_what_it_does_not_know_and_fetches_what_became_of_it(stores: Stores) -> None:
    orders = list(invented_orders(2, "44020320261201"))
    assert {order.kind: order for order in orders}.keys() == {interface.name for interface in interfaces_of("order")}
    assert all(order.fields[name] == "" for order in orders for name in LEFT_TO_CLERK)
    with city_and_gateway(stores, orders) as (city, _):
        feed_back(stores.local, orders[0].regino, content="已调解")
        assert [city.fetch(), city.fetch()] == [1, 0]
        assert [order.state == ANSWERED for order in city.orders.values()] == [True, *[False] * 5]


def test_a_wrong_number_or_a_stranger_in_the_place_of_the_gateway_is_told_in_words(stores: Stores) -> None:
    with city_and_gateway(stores, invented_orders(1, "44020320261201")) as (city, page):
        for act in ("assign", "sign"):
            assert httpx.post(f"{page}/orders/none/{act}", trust_env=False).status_code == 404
        city.gateway = page
        with pytest.raises(GatewayError, match="不是网关的格式"):
            city.fetch()
        with psycopg.connect(stores.docking, autocommit=True) as session:
            session.execute("ALTER TABLE docking.order_status RENAME TO gone")
            unread = httpx.get(f"{page}/orders", trust_env=False)
            session.execute("ALTER TABLE docking.gone RENAME TO order_status")
        assert (unread.status_code, "对接库现在不能读取" in unread.json()["msg"]) == (503, True)
