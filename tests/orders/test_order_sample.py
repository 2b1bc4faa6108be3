"""A sample of orders, and what the bridge makes of it: exactly what the sample foretells."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.outbound.versions import is_odd_phone
from hotline_sandbox.sample.orders import UNKNOWN_ORDER, load_orders, order_rows
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge

END = datetime(2026, 11, 24, 13, 20, tzinfo=SHANGHAI)


def test_the_same_seed_makes_the_same_rows_and_another_seed_other_numbers() -> None:
    first, again = list(order_rows(300, seed=3, end=END)), list(order_rows(300, seed=3, end=END))
    assert first == again
    assert len(first) == 300
    other = {row.row["regino"] for row, _ in order_rows(300, seed=4, end=END)} - {None, "", " ", "\t", "\u3000"}
    assert not other & {row.row["regino"] for row, _ in first}
    assert all(row.written_at <= END for row, _ in first)
    assert {row.interface for row, _ in first} == {interface.name for interface in interfaces_of("order")}
    phones = [row.row["protel"] or "" for row, _ in islice(order_rows(300, dirty=0, seed=3, end=END), 300)]
    assert sum(is_odd_phone(phone) for phone in phones) < 30, "most can be dialled"


def test_the_bridge_ends_with_the_counts_that_the_sample_foretells(orders: OrderBridge) -> None:
    written = load_orders(orders.stores.docking, orders=1_500, dirty=0.15, corrections=0.05, seed=5)
    assert written.total.rows == 1_500
    assert written.total.quarantined == 225
    assert len(written.reasons) > 60, "dirt of every kind"
    orders.run()
    for log in orders.status():
        expected = written.tables[str(log.interface.table)]
        assert log.adds_up
        assert (log.docking_rows, log.copies) == (expected.rows, expected.copies)
        assert log.versions["delivered"] == expected.delivered
        assert log.versions["quarantined"] == expected.quarantined
        assert log.versions["superseded"] == expected.superseded
    found = orders.local(
        "SELECT interface, reasons, count(*) FROM hotline.delivery WHERE state = 'quarantined' GROUP BY 1, 2"
    )
    assert {(name, tuple(reasons)): count for name, reasons, count in found} == dict(written.reasons)
    [(doubted,)] = orders.local(
        "SELECT count(*) FROM hotline.delivery WHERE state = 'delivered'"
        " AND flags && ARRAY['creditcode:odd_credit_code', 'procerno:odd_identity']"
    )
    supplements = orders.local("SELECT regino, laid_at IS NULL FROM hotline.order_supplement")
    assert written.total.flagged <= doubted <= written.total.flagged + len(supplements)
    assert doubted > 0
    assert [regino for regino, is_open in supplements if is_open] == [UNKNOWN_ORDER]
    assert len(orders.sent()) == written.total.delivered + len(supplements) - 1
    [(known, unknown)] = orders.local(
        "SELECT count(*) FILTER (WHERE is_known), count(*) FILTER (WHERE NOT is_known) FROM hotline.order_urgency"
    )
    assert (known > 0, unknown) == (True, 1)
    assert orders.local("SELECT count(*) FROM hotline.delivery WHERE flags && ARRAY['workerno:unknown_seat']") == [(0,)]


def test_shares_that_do_not_fit_and_an_end_without_zone(orders: OrderBridge) -> None:
    with pytest.raises(ValueError, match="out of range"):
        list(order_rows(10, dirty=0.9, corrections=0.2, end=END))
    with pytest.raises(ValueError, match="no time zone"):
        list(order_rows(10, end=END.replace(tzinfo=None)))
