"""Masks and the scrubbing of texts: what they keep, and that nothing of what they are to hide gets through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.clean_stores import CleanStore

WORDS = st.text(
    "的了是在不有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后", max_size=30
)
RARE = st.text("𠮷𬱖䶮王欧阳·阿依古丽ABCab", min_size=2, max_size=8)


@pytest.fixture(scope="module")
def session(clean_local: CleanStore) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(clean_local.ready(), autocommit=True) as opened:
        yield opened


def masked(session: psycopg.Connection[Any], kind: str, value: str | None) -> str | None:
    [(text,)] = session.execute(f"SELECT hotline.mask_{kind}(%s)".encode(), [value]).fetchall()
    return text if text is None else str(text)


def scrubbed(session: psycopg.Connection[Any], text: str, names: Sequence[str] = ()) -> str:
    [(clean,)] = session.execute("SELECT hotline.scrub_text(%s, %s)", [text, list(names)]).fetchall()
    return str(clean)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("0755-12345678转801", "0755****78"),
        ("01012345678", "010****78"),
        ("4008123456", "****56"),
        ("12345678", "****78"),
        ("匿名", "****"),
        ("张三", "****"),
        ("", None),
        (None, None),
    ],
)
def test_of_a_telephone_number_ends_are_shown(
    session: psycopg.Connection[Any], phone: str | None, shown: str | None
) -> None:
    assert masked(session, "phone", phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("欧阳小明", "欧*"),
        ("𠮷野", "𠮷*"),
        ("阿依古丽·买买提", "阿*"),
        ("John Smith", "J*"),
        (" 李四", "李*"),
        ("王", "*"),
        ("　", None),
        (None, None),
    ],
)
def test_of_a_name_the_first_character_is_shown(
    session: psycopg.Connection[Any], name: str | None, shown: str | None
) -> None:
    assert masked(session, "name", name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("广东省深圳市南山区桂园路8号", "广东省深圳市南山区*"),
        ("北京市朝阳区望京街道", "北京市朝阳区*"),
        ("南山区科技园", "南山区*"),
        ("江苏省苏州市昆山市玉山镇", "江苏省苏州市昆山市*"),
        ("甘肃省临夏回族自治州积石山保安族东乡族撒拉族自治县", "甘肃省临夏回族自治州积石山保安族东乡族撒拉族自治县*"),
        ("广东省深圳市", "广东省深圳市*"),
        ("幸福小区3栋", "*"),
        ("广东省深圳市桃源社区5号", "广东省深圳市*"),
        ("东门市场12号", "*"),
        ("张三住在南山区8号", "*"),
        ("8号", "*"),
        (" ", None),
        (None, None),
    ],
)
def test_of_an_address_the_district_is_shown(
    session: psycopg.Connection[Any], address: str | None, shown: str | None
) -> None:
    assert masked(session, "address", address) == shown


@settings(max_examples=60)
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_a_mask_is_total_and_shows_no_long_number(session: psycopg.Connection[Any], value: str) -> None:
    for kind in ("phone", "name", "address"):
        shown = masked(session, kind, value)
        assert shown is None or ("*" in shown and not re.search(r"[0-9]{5}", shown))


def _identity(digits: str) -> str:
    first = f"110105{digits[:8]}{digits[8:11]}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


IDENTITIES = st.builds(
    lambda year, month, day, rest: _identity(f"{year}{month:02d}{day:02d}{rest:03d}"),
    st.integers(1930, 2020),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 999),
)
PHONES = st.from_regex(r"1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-[2-9][0-9]{6,7}|400-[0-9]{3}-[0-9]{4}", fullmatch=True)
PLATES = st.from_regex(r"[粤京沪浙][A-Z][A-HJ-NP-Z0-9]{5,6}", fullmatch=True)
MAILS = st.from_regex(r"[a-z][a-z0-9._-]{1,10}@[a-z][a-z0-9-]{1,8}\.(com|cn|com\.cn)", fullmatch=True)


@settings(max_examples=60)
@given(before=WORDS, hidden=st.one_of(IDENTITIES, PHONES, PLATES, MAILS), after=WORDS)
def test_no_number_plate_or_mail_is_left_in_a_text(
    session: psycopg.Connection[Any], before: str, hidden: str, after: str
) -> None:
    clean = scrubbed(session, f"{before}{hidden}{after}")
    assert hidden not in clean
    assert not re.search(r"[0-9]{5}", clean)
    assert clean.startswith(before)
    assert clean.endswith(after)


@settings(max_examples=60)
@given(before=WORDS, name=RARE, apart=st.sampled_from(["", " ", "　", "\u200b"]), after=WORDS)
def test_no_name_that_is_known_is_left_in_a_text(
    session: psycopg.Connection[Any], before: str, name: str, apart: str, after: str
) -> None:
    clean = scrubbed(session, f"{before}{apart.join(name)}{after}", [name])
    assert name not in clean
    assert "[姓名]" in clean


@settings(max_examples=60)
@given(text=WORDS)
def test_words_stay_as_they_are(session: psycopg.Connection[Any], text: str) -> None:
    assert scrubbed(session, text, ["张三", "", " ", "王"]) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("电话１３８１２３４５６７８请回", "电话[电话]请回"),
        ("电话138 1234 5678", "电话[电话]"),
        ("号码一三八一二三四五六七八", "号码[电话]"),
        ("证件110105 19491231 002x号", "证件[证件号码]号"),
        ("旧证110105491231002", "旧证[证件号码]"),
        ("微信号：abc_12345加", "微信号：[账号]加"),
        ("卡号6222021234567890123", "卡号[号码]"),
        ("2026年11月30日花了1234.50元", "2026年11月30日花了1234.50元"),
        ("于20261130购买，单价99元", "于20261130购买，单价99元"),
        ("于20261130102030付款", "于20261130102030付款"),
    ],
)
def test_examples_of_texts(session: psycopg.Connection[Any], text: str, clean: str) -> None:
    assert scrubbed(session, text) == clean


@pytest.mark.parametrize("name", [".*", "(a)+", "a|b", "[x]", "\\d\\d", "$$", "^^", "a{2}"])
def test_a_name_is_no_pattern(session: psycopg.Connection[Any], name: str) -> None:
    assert scrubbed(session, f"好{name}好", [name]) == "好[姓名]好"
    assert scrubbed(session, "好的", [name]) == "好的"
