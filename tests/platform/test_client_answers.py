from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_bridge.platform_client.answers import Outcome, classify
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.platform_client.strict_json import Ambiguous, Slices

SETTINGS = PlatformSettings(
    "http://platform", "app", "token", duplicate_codes=frozenset({"1003"}), retry_codes=frozenset({"9001"})
)
YES, DUPLICATE, NO, LATER, UNAUTHORIZED = (
    Outcome.DELIVERED,
    Outcome.DUPLICATE,
    Outcome.REFUSED,
    Outcome.TRY_LATER,
    Outcome.UNAUTHORIZED,
)
OK = '"msg": "成功", "data": {"issuc": "1"}'

REPORT_ANSWERS: list[tuple[str, bytes | str, Outcome, bool]] = [
    # both printed success forms, and the text "0"
    ("number 0", f'{{"code": 0, {OK}}}', YES, True),
    ("text 0000", f'{{"code": "0000", {OK}}}', YES, True),
    ("text 0", f'{{"code": "0", {OK}}}', YES, True),
    ("Issuc capitalised", '{"code": 0, "data": {"Issuc": "1"}}', YES, True),
    ("unknown members", '{"code": 0, "data": {"issuc": "1", "id": "x"}, "trace": [1]}', YES, True),
    ("blanks around", f' \r\n{{"code": 0, {OK}}}\n', YES, True),
    # nearly success
    ("float 0.0", f'{{"code": 0.0, {OK}}}', LATER, True),
    ("false", f'{{"code": false, {OK}}}', LATER, True),
    ("null code", f'{{"code": null, {OK}}}', LATER, True),
    ("code missing", f"{{{OK}}}", LATER, True),
    ("code empty", f'{{"code": "", {OK}}}', LATER, True),
    ("code a list", f'{{"code": [0], {OK}}}', LATER, True),
    ("other zeros", f'{{"code": "00", {OK}}}', NO, False),
    ("zero with a blank", f'{{"code": " 0", {OK}}}', NO, False),
    ("issuc a number", '{"code": 0, "data": {"issuc": 1}}', YES, True),
    ("issuc 0 as a number", '{"code": 0, "data": {"issuc": 0}}', NO, False),
    ("issuc 1.0", '{"code": 0, "data": {"issuc": 1.0}}', LATER, True),
    ("issuc 2", '{"code": 0, "data": {"issuc": 2}}', LATER, True),
    ("issuc text and number, agreed", '{"code": 0, "data": {"issuc": "1", "Issuc": 1}}', YES, True),
    ("issuc text and true", '{"code": 0, "data": {"issuc": "1", "Issuc": true}}', LATER, True),
    ("issuc true", '{"code": 0, "data": {"issuc": true}}', LATER, True),
    ("issuc a list", '{"code": 0, "data": {"issuc": ["1"]}}', LATER, True),
    ("issuc missing", '{"code": 0, "data": {}}', LATER, True),
    ("issuc other", '{"code": 0, "data": {"issuc": "2"}}', LATER, True),
    ("issuc twice, agreed", '{"code": 0, "data": {"issuc": "1", "Issuc": "1"}}', YES, True),
    ("issuc twice, not agreed", '{"code": 0, "data": {"issuc": "1", "Issuc": "0"}}', LATER, True),
    ("data null", '{"code": 0, "data": null}', LATER, True),
    ("data a list", '{"code": 0, "data": [{"issuc": "1"}]}', LATER, True),
    ("data a text", '{"code": 0, "data": "{\\"issuc\\": \\"1\\"}"}', YES, True),
    ("data a text, says no", '{"code": 0, "data": "{\\"issuc\\": \\"0\\"}"}', NO, False),
    ("data a text, twice", '{"code": 0, "data": "{\\"issuc\\": \\"0\\", \\"issuc\\": \\"1\\"}"}', LATER, True),
    ("data a text, cut", '{"code": 0, "data": "{\\"issuc\\": \\"1\\""}', LATER, True),
    ("data a text in a text", json.dumps({"code": 0, "data": json.dumps('{"issuc": "1"}')}), LATER, True),
    # says no
    ("issuc 0", '{"code": 0, "msg": "重复", "data": {"issuc": "0"}}', NO, False),
    ("code 1001", '{"code": 1001, "msg": "字段缺失", "data": null}', NO, False),
    ("code as text", '{"code": "1001", "msg": "字段缺失"}', NO, False),
    ("code no, issuc yes", '{"code": 1001, "data": {"issuc": "1"}}', NO, False),
    ("unknown code", '{"code": "E-77"}', NO, False),
    ("negative", '{"code": -1}', NO, False),
    # listed by the deployment
    ("duplicate", '{"code": 1003, "msg": "已存在"}', DUPLICATE, True),
    ("duplicate as text", '{"code": "1003", "data": {"issuc": "0"}}', DUPLICATE, True),
    ("listed retry code", '{"code": 9001, "msg": "忙"}', LATER, False),
    # no envelope at all
    ("empty", b"", LATER, True),
    ("blanks only", b" \r\n", LATER, True),
    ("html", "<!DOCTYPE html><html><body>登录</body></html>", LATER, True),
    ("null", "null", LATER, True),
    ("list", "[]", LATER, True),
    ("list around it", f'[{{"code": 0, {OK}}}]', LATER, True),
    ("text around it", json.dumps(f'{{"code": 0, {OK}}}'), LATER, True),
    ("truncated", f'{{"code": 0, {OK}'.encode()[:-3], LATER, True),
    ("BOM", b"\xef\xbb\xbf" + f'{{"code": 0, {OK}}}'.encode(), LATER, True),
    ("two documents", f'{{"code": 0, {OK}}}{{"code": 1}}', LATER, True),
    ("two documents, lines", f'{{"code": 0, {OK}}}\n{{"code": 0, {OK}}}', LATER, True),
    ("NaN", f'{{"code": 0, "t": NaN, {OK}}}', LATER, True),
    ("Infinity", f'{{"code": 0, "t": -Infinity, {OK}}}', LATER, True),
    ("code NaN", f'{{"code": NaN, {OK}}}', LATER, True),
    ("code beyond float", f'{{"code": 1e400, {OK}}}', LATER, True),
    ("code of 5,000 digits", f'{{"code": {"9" * 5000}, {OK}}}', LATER, True),
    ("code named twice", f'{{"code": 1, "code": 0, {OK}}}', LATER, True),
    ("issuc named twice", '{"code": 0, "data": {"issuc": "0", "issuc": "1"}}', LATER, True),
    ("GBK", f'{{"code": 0, {OK}}}'.encode("gbk"), LATER, True),
    ("UTF-16", f'{{"code": 0, {OK}}}'.encode("utf-16"), LATER, True),
    ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", LATER, True),
    ("NUL", b"\x00", LATER, True),
    ("nested 200 deep", f'{{"code": 0, "x": {"[" * 200}{"]" * 200}, {OK}}}', YES, True),
    ("nested 100,000 deep", "[" * 100_000, LATER, True),
    ("lone surrogate as message", '{"code": 7, "msg": "\\ud83d"}', NO, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "outcome", "arrived"), [pytest.param(*case[1:], id=case[0]) for case in REPORT_ANSWERS]
)
def test_an_answer_to_a_report(body: bytes | str, outcome: Outcome, arrived: bool) -> None:
    content = body.encode() if isinstance(body, str) else body
    answer = classify(contract()["callinfo"], 200, content, SETTINGS)
    assert (answer.outcome, answer.may_have_arrived) == (outcome, arrived)
    assert (answer.message is None) == (outcome is YES)


@pytest.mark.parametrize(
    ("status", "outcome", "arrived"),
    [
        *((status, LATER, True) for status in (101, 201, 202, 204, 206)),
        *((status, LATER, False) for status in (301, 302, 303, 304, 307, 308)),
        *((status, NO, False) for status in (400, 409, 413, 414, 422)),
        *((status, UNAUTHORIZED, False) for status in (401, 403)),
        *((status, LATER, False) for status in (402, 404, 405, 406, 407, 408, 410, 415, 418, 425, 429, 451, 499)),
        *((status, LATER, True) for status in (500, 501, 502, 503, 504, 507, 599)),
        (999, LATER, True),
    ],
)
@pytest.mark.parametrize("body", [f'{{"code": 0, {OK}}}'.encode(), b"<html>", b""], ids=["yes", "html", "empty"])
def test_a_status_other_than_200_is_never_success(status: int, body: bytes, outcome: Outcome, arrived: bool) -> None:
    answer = classify(contract()["callinfo"], status, body, SETTINGS)
    assert (answer.outcome, answer.may_have_arrived) == (outcome, arrived)
    assert answer.message


def test_a_refusal_by_status_keeps_the_platforms_reason() -> None:
    answer = classify(contract()["callinfo"], 422, '{"code": "1004", "msg": "时间格式不正确"}'.encode(), SETTINGS)
    assert (answer.code, answer.message) == ("1004", "时间格式不正确")
    assert "413" in str(classify(contract()["callinfo"], 413, b"<html>", SETTINGS).message)


def test_a_wrong_path_says_what_to_look_at() -> None:
    assert "connection platform_12315" in str(classify(contract()["callinfo"], 404, b"", SETTINGS).message)


@pytest.mark.parametrize("data", ['{"rows": []}', "{}", '"{}"', '""', '"null"', '"[{"', "0", "true"])
@pytest.mark.parametrize("name", ["getTsCaseLzmx", "todocasefeedback"])
def test_no_array_of_rows_is_no_answer_to_who_asks_for_rows(name: str, data: str) -> None:
    answer = classify(contract()[name], 200, f'{{"code": 0, "data": {data}}}'.encode(), SETTINGS)
    assert (answer.outcome, answer.code) == (Outcome.TRY_LATER, None)
    assert "no array of rows" in str(answer.message)
    refused = classify(contract()[name], 200, f'{{"code": "9999", "data": {data}}}'.encode(), SETTINGS)
    assert refused.outcome is Outcome.REFUSED, "a refusal may hold anything"


@pytest.mark.parametrize("data", ["[]", "null", '[{"regino": "1"}]'])
def test_a_query_needs_no_issuc_and_hands_on_its_data(data: str) -> None:
    answer = classify(contract()["getTsCaseLzmx"], 200, f'{{"code": "0000", "data": {data}}}'.encode(), SETTINGS)
    rows = list(answer.data) if isinstance(answer.data, Slices) else answer.data
    assert (answer.outcome, rows) == (YES, json.loads(data))


def test_rows_in_a_text_are_the_rows() -> None:
    rows = [{"regino": "1", "text": 'a\\"b'}, {"regino": "2"}]
    for data in (rows, []):
        body = json.dumps({"code": "0000", "data": json.dumps(data)}).encode()
        answer = classify(contract()["getTsCaseLzmx"], 200, body, SETTINGS)
        assert (answer.outcome, answer.data) == (YES, data)


def test_a_header_name_with_an_underscore_is_a_cause_that_is_told() -> None:
    for header, told in (("app_token", True), ("Authorization", False)):
        settings = PlatformSettings("http://h", "a", "t", auth_header=header)
        message = str(classify(contract()["callinfo"], 401, b"", settings).message)
        assert ("gateway on the way drops header app_token" in message) is told
        assert ("gateway on the way drops header app_token" in settings.unauthorized_remedy) is told


def test_one_ambiguous_row_does_not_stop_the_others() -> None:
    body = b'{"code": "0000", "data": [{"bh": "1"},{"bh": "2", "bh": "3"}]}'
    rows = classify(contract()["getTsCaseLzmx"], 200, body, SETTINGS).data
    assert isinstance(rows, Slices)
    assert [isinstance(row, Ambiguous) for row in rows] == [False, True]


@given(st.binary())
def test_no_bytes_are_success_or_an_error(body: bytes) -> None:
    assert classify(contract()["callinfo"], 200, body, SETTINGS).outcome is not YES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(code=json_values, issuc=json_values, status=st.sampled_from([200, 201, 500]))
def test_only_the_printed_forms_are_success(code: object, issuc: object, status: int) -> None:
    body = json.dumps({"code": code, "msg": "", "data": {"issuc": issuc}}).encode()
    printed = (type(code) is int and code == 0) or (isinstance(code, str) and code in {"0", "0000"})
    success = classify(contract()["callinfo"], status, body, SETTINGS).outcome is YES
    assert success == (status == 200 and printed and type(issuc) in {int, str} and str(issuc) == "1")


@pytest.mark.parametrize("name", sorted(contract()))
def test_each_interface_accepts_its_own_success_code(name: str) -> None:
    interface = contract()[name]
    data = {"issuc": "1"} if interface.answers_issuc else []
    body = json.dumps({"code": interface.success_code, "msg": "成功", "data": data}).encode()
    assert classify(interface, 200, body, SETTINGS).outcome is YES
