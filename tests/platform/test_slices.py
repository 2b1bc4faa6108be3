"""Rows are cut out of an answer only where nothing else can be meant."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.platform_client.answers import UnreadableError, read_envelope
from hotline_bridge.platform_client.strict_json import cut_out
from tests.examples import examples

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["data", '"data":[', "]", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "code", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)

members = st.lists(st.tuples(st.sampled_from(["data", "code", "msg", "Data"]), values), max_size=4)


@settings(max_examples=examples(400), deadline=None)
@given(members, st.sampled_from([None, 1]))
def test_what_is_cut_out_is_what_was_in_it(named: list[tuple[str, object]], indent: int | None) -> None:
    inside = ", ".join(f"{json.dumps(name)}: {json.dumps(value, indent=indent)}" for name, value in named)
    answer = ("{" + inside + "}").encode()
    found = cut_out(answer)
    if found is None:
        return
    rest, rows = found
    try:
        envelope = read_envelope(answer)
    except UnreadableError:
        with pytest.raises(UnreadableError):
            read_envelope(rest)
        return
    assert {**read_envelope(rest), "data": list(rows)} == envelope


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=3)), min_size=1), st.booleans())
def test_the_rows_of_a_usual_answer_are_found(rows: list[dict[str, str]], is_ascii: bool) -> None:
    """Or the speed is lost without anybody seeing it."""
    whole = {"code": 0, "msg": "成功", "data": rows}
    found = cut_out(json.dumps(whole, separators=(",", ":"), ensure_ascii=is_ascii).encode("utf-8", "surrogatepass"))
    assert found is not None
    assert list(found[1]) == rows
    assert json.loads(found[0]) == {**whole, "data": []}


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"<html>", b"[]", b'{"code": 0}', b'{"data": null}', b'{"data": []}', b'{"data": {}}'),
        *(b'{"data": [1], "data": [1]}', b'{"data": [1, 2], "data": [1, 2]}', b'{"data": [1', b'{"data": [1]} {}'),
        *(b'{"x": [1], "data": [1]}', b'{"data": [1], "x": 1}'),
    ],
)
def test_otherwise_none_is(answer: bytes) -> None:
    assert cut_out(answer) is None


@pytest.mark.parametrize("between", [b",", b" ,\n  "])
@pytest.mark.parametrize(
    "odd",
    [
        *(b'{"x": "\xff"}', b'{"\xd5\xe7": 1}', b'{"x": "a\tb"}', b'{"x": "\x01]"}', b'{"x": NaN, "y": "]"}'),
        *(b'{"x": -Infinity}', b'{"x": "\\x"}', b'{"x": "\\ud83d"}', b'{"x": "\\\\\x01"}', b'"\xff"'),
    ],
)
def test_a_row_that_cannot_be_read_hides_no_other(odd: bytes, between: bytes) -> None:
    rows = [b'{"x": "]"}', odd, b'{"x": "NaN \\" \\ud83d\\ude00"}']
    found = cut_out(b'{"code": 0, "data": [' + between.join(rows) + b'], "msg": "ok"}')
    assert found is not None
    assert found[0] == b'{"code": 0, "data": [], "msg": "ok"}'
    assert found[1].rows == rows


@pytest.mark.parametrize(
    "broken", [b'{"x": "a"b"}', b'{"x": 01}', b'{"x": "\xd5\\"}', b'{"x": ', b"nul", b'{"x": "', b"{]}", b'{"x": 1}}']
)
def test_where_a_broken_row_ends_is_not_guessed(broken: bytes) -> None:
    assert cut_out(b'{"code": 0, "data": [{"x": "1"},' + broken + b',{"x": "2"}]}') is None
