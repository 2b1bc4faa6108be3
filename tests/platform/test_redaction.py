from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract
from hotline_bridge.platform_client.redaction import one_line, scrub, scrub_code, secrets_of
from hotline_bridge.platform_client.request import build_request

KEY = "44020020261124000017"


@pytest.mark.parametrize(
    ("message", "secrets", "expected"),
    [
        ("来电号码13800138000格式不正确", ["13800138000"], "来电号码***格式不正确"),
        ("座席张三不存在", ["张三"], "座席***不存在"),
        ("token SECRET-tok refused", ["secret-TOK"], "token *** refused"),
        ("回拨 0751-8123 4567 失败", [], "回拨 *** 失败"),
        ("１３８００１３８０００", [], "***"),
        ("字段 complacontent 超长：我住在浈江区风度…", ["我住在浈江区风度北路某号楼"], "字段 complacontent 超长：***…"),
        (r"bad value \u5f20\u4e09 and %E5%BC%A0 and &#24352;", ["张三"], "bad value *** and *** and ***"),
        (f"callid {KEY} 已存在", ["20261124101112"], f"callid {KEY} 已存在"),
        ("时间 20261124101112 晚于现在", ["20261124101112"], "时间 *** 晚于现在"),
        ("缺少字段 calltype，代码 1001", ["1001001"], "缺少字段 calltype，代码 1001"),
        ("一\r\n二\x00三\u202e四\ud83d", [], "一 二 三 四"),
        ("好" * 500, [], "好" * 200),
    ],
)
def test_what_is_hidden_and_what_stays(message: str, secrets: list[str], expected: str) -> None:
    assert scrub(message, secrets, KEY) == expected


plain = st.text(st.characters(categories=["L"]), min_size=2, max_size=40)


@given(secret=plain, before=st.text(max_size=300), after=st.text(max_size=30))
def test_no_secret_survives_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assume(secret not in one_line(before, 300) and secret not in one_line(after, 30) and "***" not in before + after)
    assert secret not in scrub(before + secret + after, [secret])


@given(message=st.text(max_size=3000), secrets=st.lists(st.text(), max_size=5), key=st.none() | st.text())
def test_the_result_is_one_short_printable_line(message: str, secrets: list[str], key: str | None) -> None:
    result = scrub(message, secrets, key)
    assert len(result) <= 200
    assert result.isprintable()


def test_a_cut_within_a_secret_shows_nothing_of_it() -> None:
    filler = "字" * 1996
    assert "张" not in scrub(filler.replace("字", "\x00") + "张三丰李四", ["张三丰李四"])


def test_the_secrets_of_a_request_are_its_values_without_key_and_codes() -> None:
    values = {
        "callid": KEY,
        "callno": "13800138000",
        "sourcearea": "440200",
        "calltime": "20261124101112",
        "calltype": "1",
    }
    callinfo = contract()["callinfo"]
    assert secrets_of(callinfo, build_request(callinfo, values)) == (["13800138000", "20261124101112"], KEY)


def test_the_dispatching_member_is_no_secret_and_an_empty_body_has_none() -> None:
    case = contract()["putCallbackCaseFeedback"]
    assert secrets_of(case, build_request(case, {"regino": "12"})) == ([], "12")
    assert secrets_of(contract()["todocasefeedback"], b"") == ([], None)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"callno": 1}', b"\xff"])
def test_a_body_of_unknown_making_is_an_error(body: bytes, callinfo: Interface) -> None:
    with pytest.raises(ValueError):
        secrets_of(callinfo, body)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("1001", "1001"), ("10000001", "10000001"), ("E-77", "E-77"), ("13800138000", "***"), ("x-SECRETTOKEN", "x-***")],
)
def test_a_code_stays_readable_unless_it_repeats_a_secret(code: str, expected: str) -> None:
    assert scrub_code(code, ["13800138000", "SECRETTOKEN", "10"]) == expected


def test_a_code_that_is_a_text_is_treated_as_one() -> None:
    assert scrub_code("号码 13900139000 有误", []) == "号码 *** 有误"
