"""Every printed rule, good and bad, for every report interface: the cases come from the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hotline_bridge.contract.model import Field
from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.rules import Broken, compile_rules, read_row
from sandbox.tests.server.sandbox_client import REPORTS, good_row

CHECKS = {name: compile_rules(contract()[name]) for name in REPORTS}
FIELDS = [(name, field) for name in REPORTS for field in contract()[name].request]
EMPTY = [None, "", "  ", "\t\n", "\u3000"]


def those(test: Any) -> Any:
    """Parametrise over the fields for which `test` holds."""
    chosen = [pytest.param(name, field, id=f"{name}.{field.name}") for name, field in FIELDS if test(field)]
    assert chosen
    return pytest.mark.parametrize(("name", "field"), chosen)


def broken(name: str, **values: Any) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in CHECKS[name]({**good_row(name), **values})]


def is_plain(field: Field) -> bool:
    return field.kind == "text" and not (field.codes or field.compose or field.format)


def is_part(name: str, part: str) -> bool:
    return any(part in (field.compose or ()) for field in contract()[name].request)


@pytest.mark.parametrize("name", REPORTS)
def test_a_good_row_breaks_nothing(name: str) -> None:
    assert broken(name) == []
    assert broken(name, method="anything", unknown={"field": 1}) == []


@those(lambda field: field.required is True)
def test_a_required_field_must_be_filled(name: str, field: Field) -> None:
    row = good_row(name)
    del row[field.name]
    assert Broken(field.name, "required") in CHECKS[name](row)
    for empty in EMPTY:
        assert (field.name, "required") in broken(name, **{field.name: empty})


@those(lambda field: field.required is False)
def test_an_optional_field_may_be_empty(name: str, field: Field) -> None:
    row = good_row(name)
    del row[field.name]
    assert CHECKS[name](row) == []
    for empty in EMPTY:
        assert broken(name, **{field.name: empty}) == []


@those(lambda field: field.required_when)
def test_a_conditional_field_is_required_only_under_its_condition(name: str, field: Field) -> None:
    assert broken(name, **{field.name: ""}) == [(field.name, "condition")]
    off = dict.fromkeys(field.required_when or (), "0")
    off.update({other: "" for other, wanted in (field.required_when or {}).items() if wanted == "filled"})
    conditional = {each.name: "" for each in contract()[name].request if each.required_when}
    assert broken(name, **{**conditional, **off}) == []


@those(lambda field: field.kind == "text" and field.limit)
def test_length_counts_characters(name: str, field: Field) -> None:
    limit = field.limit or 0
    assert (field.name, "length") in broken(name, **{field.name: "𠮷" * (limit + 1)})
    if is_plain(field) and not is_part(name, field.name):
        assert broken(name, **{field.name: "𠮷" * limit}) == []


@those(lambda field: field.kind == "text")
@pytest.mark.parametrize("value", [1, 1.5, True, ["x"], {"x": "y"}], ids=repr)
def test_a_text_field_takes_nothing_but_text(name: str, field: Field, value: object) -> None:
    assert (field.name, "type") in broken(name, **{field.name: value})


@those(lambda field: field.codes)
def test_only_printed_codes(name: str, field: Field) -> None:
    for value in ("9", "１", "a", " 1"):
        assert (field.name, "code") in broken(name, **{field.name: value})
    if not is_part(name, field.name):
        for code in field.codes or ():
            assert broken(name, **{field.name: code}) == []


BAD_TIMES = [
    "2026112410111", "202611241011120", "20260230101112", "20261324101112", "20261100101112", "20261124240000",
    "20261124236000", "20261124235960", "2026112410111２", "２０２６１１２４１０１１１２", "2026-11-24 10:11:12",
    "00001124101112",
    "20261124101112\n", " 20261124101112", "now", "-20261124101112",
]  # fmt: skip
BAD_TIMESTAMPS = [
    "2026-02-30 10:11:12", "2026-11-24T10:11:12", "2026-11-24 24:00:00", "2026-11-24 23:59:60", "2026-11-24",
    "2026-11-24 10:11", "2026-11-24 10:11:12.5", "2026-11-24 10:11:12+08:00", "2026-11-24  10:11:12", "20261124101112",
    "２026-11-24 10:11:12", "now", "0000-00-00 00:00:00", "2026年1月4日", "1/2/2026",
]  # fmt: skip
BAD_NUMBERS = [
    "1,000.00",
    "１００",
    "1e400",
    "1e2",
    "NaN",
    "",
    "+1",
    ".5",
    "5.",
    "1234567890123",
    "0.1234567",
    "0x10",
    "12a",
]


@those(lambda field: field.kind == "time")
def test_times_are_fourteen_digits_of_a_real_moment(name: str, field: Field) -> None:
    for value in BAD_TIMES:
        assert (field.name, "type") in broken(name, **{field.name: value}), value
    if not is_part(name, field.name):
        for value in ("20280229235959", "00010101000000", "99991231235959"):
            assert broken(name, **{field.name: value}) == []


@those(lambda field: field.kind == "timestamp")
def test_timestamps_are_a_real_date_and_time(name: str, field: Field) -> None:
    for value in BAD_TIMESTAMPS:
        assert (field.name, "type") in broken(name, **{field.name: value}), value
    assert broken(name, **{field.name: "2028-02-29 00:00:00"}) == []


@those(lambda field: field.kind == "number")
def test_numbers_have_twelve_digits_and_six_behind_the_point(name: str, field: Field) -> None:
    for value in filter(None, BAD_NUMBERS):
        assert (field.name, "type") in broken(name, **{field.name: value}), value
    for value in ("0", "-0", "168", "23.45", "123456789012.123456", "-1.5"):
        assert broken(name, **{field.name: value}) == []
    for json_number in (b"168", b"23.45", b"-0", b"123456789012.123456"):
        value = read_row(b'{"n":' + json_number + b"}")["n"]
        assert broken(name, **{field.name: value}) == []
    assert (field.name, "type") in broken(name, **{field.name: read_row(b'{"n":1e2}')["n"]})
    assert (field.name, "type") in broken(name, **{field.name: True})


@those(lambda field: field.format == "area")
def test_an_area_is_six_ascii_digits(name: str, field: Field) -> None:
    for value in ("44020", "4402033", "44020a", "４４０２０３", "440 03"):
        assert (field.name, "area") in broken(name, **{field.name: value})


@those(lambda field: field.compose)
def test_an_identifier_is_its_parts_joined(name: str, field: Field) -> None:
    good = good_row(name)[field.name]
    wrong = [f"9{good[1:]}", f" {good}", good[1:], "x"]
    open_end = field.compose is not None and field.compose[-1] == "*"
    wrong += ["440203", "440203 "] if open_end else [f"{good}1", good[:-1]]
    for value in wrong:
        assert (field.name, "composition") in broken(name, **{field.name: value}), value
    if open_end and not is_part(name, field.name):
        assert broken(name, **{field.name: "440203x"}) == []


def test_a_missing_part_is_one_finding_not_two() -> None:
    assert broken("recordinfo", calltype="") == [("calltype", "required")]


def test_every_broken_rule_is_named_in_the_order_of_the_print() -> None:
    found = broken("callinfo", callno="", sourcearea="44020a", calltime="yesterday", calltype="12")
    assert found == [
        ("callid", "composition"), ("callno", "required"), ("sourcearea", "area"), ("calltime", "type"),
        ("calltype", "code"), ("calltype", "length"),
    ]  # fmt: skip


def test_the_printed_examples() -> None:
    """投诉 is good; 举报 holds a nationality that is too long; 咨询 lacks three required fields."""
    bodies = {
        name: json.dumps(dict(contract()[name].request_example or {})).encode()
        for name in REPORTS
        if contract()[name].request_example
    }
    found = {name: [(each.field, each.rule) for each in CHECKS[name](read_row(body))] for name, body in bodies.items()}
    assert found == {
        "putTsBusiRegInfoData": [],
        "putJbBusiRegInfoData": [("pronationality", "length")],
        "putZxBusiRegInfoData": [(name, "required") for name in ("consulrange", "replyonsite", "consulrangename")],
    }


def test_the_message_names_field_and_rule_in_chinese_and_no_value() -> None:
    (finding,) = CHECKS["callinfo"]({**good_row("callinfo"), "callno": "13800138000" * 3})
    assert str(finding) == "字段 callno：超过规定长度"


@pytest.mark.parametrize("number", [b"20261124101112", b"20261124101112.0"])
def test_a_json_number_is_read_digit_by_digit(number: bytes) -> None:
    assert read_row(b'{"t":' + number + b"}") == {"t": number.decode()}


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"[]", b'"text"', b"1", b"{", b"{}{}", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":-Infinity}',
        b'{"a":"\xc4\xe3"}', '{"a":1}'.encode("utf-16"), b'{"a":' + b"[" * 100_000, b"{'a':1}", b'{"a":1,}',
        b'{"a":"\n"}',
    ],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
def test_what_is_no_json_object_in_utf8_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_row(body)


def test_odd_but_legal_json_is_read() -> None:
    assert read_row(rb'{"a":"\u0000\ud83d","b":"\\N"}') == {"a": "\x00\ud83d", "b": "\\N"}
    assert len(str(read_row(b'{"a":' + b"9" * 10_000 + b"}")["a"])) == 10_000
