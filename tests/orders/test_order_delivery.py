"""Orders by the pipeline of the telephony logs: sent as written, held back only by printed rules, flagged when odd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import contract
from tests.orders.order_bridge import COMPLAINT, CONSULTATION, KINDS, order

if TYPE_CHECKING:
    from tests.orders.order_bridge import OrderBridge

NUMBER = "G2026112400000001"


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_arrives_as_it_was_written_and_stands_in_its_typed_table(orders: OrderBridge, kind: str) -> None:
    row = order(kind, consumamount="168.50") if kind != CONSULTATION else order(kind)
    orders.write(row, interface=kind)
    orders.run()
    assert orders.sent() == [{"method": kind, **row}]
    [(state, flags)] = orders.local("SELECT state, flags FROM hotline.delivery")
    assert (state, flags) == ("delivered", [])
    table = contract()[kind].table
    [(regino, registime)] = orders.local(f"SELECT regino, registime::text FROM hotline.{table}")  # noqa: S608
    assert regino == NUMBER
    assert registime.startswith("2026-11-24")
    assert orders.add_up()


@pytest.mark.parametrize("kind", KINDS)
def test_emoji_and_rare_surnames_count_as_characters_and_arrive(orders: OrderBridge, kind: str) -> None:
    row = order(kind, proname="𠮷𬱖😀", complacontent="😀" * 4_000)
    orders.write(row, interface=kind)
    orders.write(order(kind, "TOO-LONG", complacontent="😀" * 4_001), interface=kind)
    orders.run()
    assert [(body["proname"], len(body["complacontent"])) for body in orders.sent()] == [("𠮷𬱖😀", 4_000)]
    assert orders.versions("TOO-LONG") == [("quarantined", ["complacontent:length"])]


LONG = [
    (kind, field.name, field.limit)
    for kind in KINDS
    for field in contract()[kind].request
    if field.limit is not None and field.limit >= 1_000
]


@pytest.mark.parametrize(("kind", "name", "limit"), LONG)
def test_a_text_may_fill_its_limit_to_the_last_character_and_no_further(
    orders: OrderBridge, kind: str, name: str, limit: int
) -> None:
    assert limit == 4_000
    orders.write(order(kind, "FULL", **{name: "\n\u00a0" + "文" * (limit - 4) + "𠮷\n"}), interface=kind)
    orders.write(order(kind, "OVER", **{name: "文" * (limit + 1)}), interface=kind)
    orders.run()
    [body] = orders.sent(kind)
    assert (body["regino"], body[name]) == ("FULL", "\n\u00a0" + "文" * (limit - 4) + "𠮷\n")
    assert orders.versions("OVER") == [("quarantined", [f"{name}:length"])]
    assert orders.add_up()


CONDITIONS = [
    (kind, field.name, other, wanted)
    for kind in KINDS
    for field in contract()[kind].request
    for other, wanted in (field.required_when or {}).items()
]


@pytest.mark.parametrize(("kind", "name", "other", "wanted"), CONDITIONS)
def test_a_condition_holds_back_where_it_applies_and_nowhere_else(
    orders: OrderBridge, kind: str, name: str, other: str, wanted: str
) -> None:
    codes = next(field.codes for field in contract()[kind].request if field.name == other)
    unwanted = next(code for code in codes or () if code != wanted)
    orders.write(order(kind, "BROKEN", **{name: None, other: wanted}), interface=kind)
    orders.write(order(kind, "KEPT", **{name: None, other: unwanted}), interface=kind)
    orders.run()
    assert orders.versions("BROKEN") == [("quarantined", [f"{name}:condition"])]
    assert orders.versions("KEPT") == [("delivered", [])]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_field_holds_back_this_order_alone(orders: OrderBridge, kind: str) -> None:
    required = [field.name for field in contract()[kind].request if field.required is True]
    for name in required:
        orders.write({**order(kind, f"WITHOUT-{name}"), name: "\u3000"}, interface=kind)
    orders.write(order(kind), interface=kind)
    orders.run()
    assert [body["regino"] for body in orders.sent()] == [NUMBER]
    broken = orders.local("SELECT reasons FROM hotline.delivery WHERE state = 'quarantined'")
    assert sorted(reasons for (reasons,) in broken) == sorted([f"{name}:required"] for name in required)
    assert orders.add_up()


@pytest.mark.parametrize(
    ("onsite", "reply", "reasons"),
    [
        ("1", "已答复", []),
        ("0", "", []),
        ("0", "已答复", []),
        ("1", "", ["replycontent:condition"]),
        ("1", " \u3000", ["replycontent:condition"]),
        ("2", "", ["replyonsite:code"]),
        ("是", "", ["replyonsite:code", "replyonsite:length"]),
        ("", "", ["replyonsite:required"]),
    ],
)
def test_the_reply_is_required_when_it_was_given_on_site(
    orders: OrderBridge, onsite: str, reply: str, reasons: list[str]
) -> None:
    orders.write(order(CONSULTATION, replyonsite=onsite, replycontent=reply), interface=CONSULTATION)
    orders.take_in()
    wanted = [reason for reason in reasons if onsite != "是" or reason.endswith("code")]
    assert orders.versions(NUMBER) == [("quarantined" if wanted else "waiting", wanted)]


@pytest.mark.parametrize("salesway", ["", "1", "9", "网购", "线下"])
def test_fields_related_to_the_way_of_sale_are_carried_and_never_required(orders: OrderBridge, salesway: str) -> None:
    names = [field.name for field in contract()[COMPLAINT].request if field.related]
    assert len(names) >= 6
    orders.write(order(COMPLAINT, salesway=salesway, **dict.fromkeys(names)), interface=COMPLAINT)
    orders.write(order(COMPLAINT, "FILLED", salesway=salesway), interface=COMPLAINT)
    orders.run()
    filled, bare = sorted(orders.sent(), key=lambda body: body["regino"])
    assert {bare[name] for name in names} == {""}
    assert all(filled[name] for name in names)


@pytest.mark.parametrize("kind", KINDS)
def test_two_different_orders_with_one_number_are_a_correction_and_both_are_kept(
    orders: OrderBridge, kind: str
) -> None:
    first = order(kind, proname="张三", complacontent="第一件")
    second = order(kind, proname="李四", complacontent="第二件")
    orders.write(first, interface=kind, written_at="2026-11-24 08:00:00+08")
    orders.write(second, interface=kind, written_at="2026-11-24 08:00:01+08")
    orders.run()
    assert [body["proname"] for body in orders.sent()] == ["李四"], "never old after new"
    assert orders.versions(NUMBER) == [("superseded", []), ("delivered", [])]
    assert orders.add_up()
    # Once the newer one is out, the older content that is written again is a correction in its turn.
    orders.write({**first, "proname": "王五"}, interface=kind)
    orders.run()
    assert [body["proname"] for body in orders.sent()] == ["李四", "王五"]
    table = contract()[kind].table
    assert orders.local(f"SELECT proname FROM hotline.{table}") == [("王五",)]  # noqa: S608  (of the contract)
    assert ("李四",) in orders.local(f"SELECT proname FROM hotline.{table}_history")  # noqa: S608  (the same)


def test_orders_of_different_kinds_with_one_number_are_as_many_orders(orders: OrderBridge) -> None:
    for kind in KINDS:
        orders.write(order(kind), interface=kind)
    orders.run()
    assert sorted(body["method"] for body in orders.sent()) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_pressed_twice_is_sent_once(orders: OrderBridge, kind: str) -> None:
    orders.write(order(kind), order(kind), interface=kind)
    orders.run()
    orders.write(order(kind), interface=kind)
    orders.run()
    assert len(orders.sent()) == 1
    assert {log.interface.name: log.copies for log in orders.status() if log.copies} == {kind: 2}
    assert orders.add_up()


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"creditcode": "91110000600037341M"}, ["creditcode:odd_credit_code"]),
        ({"creditcode": "455545646574578645"}, ["creditcode:odd_credit_code"]),
        ({"procerno": "110105194912310021"}, ["procerno:odd_identity"]),
        ({"procerno": "11010519491331002X"}, ["procerno:odd_identity"]),
        ({"procerno": "E12345678"}, []),
        ({"telnumber": "12345", "protel": "匿名"}, ["protel:odd_phone", "telnumber:odd_phone"]),
        ({"protel": "13800138000、0751-8888888"}, []),
        ({"protel": "13800138000、88"}, ["protel:odd_phone"]),
        ({"creditcode": "", "procerno": None, "invopttel": " "}, []),
    ],
)
def test_a_badly_written_number_is_flagged_and_sent(
    orders: OrderBridge, changes: dict[str, str | None], flags: list[str]
) -> None:
    row = order(COMPLAINT, **changes)
    orders.write(row, interface=COMPLAINT)
    orders.run()
    assert orders.local("SELECT state, flags FROM hotline.delivery") == [
        ("delivered", sorted([*flags, *(["invopttel:odd_text"] if row["invopttel"] == " " else [])]))
    ]
    [sent] = orders.sent()
    assert sent == {"method": COMPLAINT, **{name: value or "" for name, value in row.items()}}
