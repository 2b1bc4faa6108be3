# ruff: noqa: S608  (names are those of the contract)
"""Keys of a person: the same number in any spelling gives one key, and nobody reads what it is made with."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.typed_tables import typed_interfaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clean_stores import CleanStore

KEYED = [known for known in typed_interfaces() if known.person]


@pytest.fixture(scope="module")
def session(clean_local: CleanStore) -> Iterator[psycopg.Connection[Any]]:
    """One store for many questions: nothing is stored in it."""
    with psycopg.connect(clean_local.ready(), autocommit=True) as opened:
        yield opened


def told(session: psycopg.Connection[Any], function: LiteralString, value: str | None) -> str | None:
    [(text,)] = session.execute(f"SELECT hotline.{function}(%s)", [value]).fetchall()
    return text if text is None else str(text)


@pytest.mark.parametrize(
    ("spelled", "normal"),
    [
        ("13812345678", "13812345678"),
        (" +86 138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("013812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("13812345678、13900000000", "13812345678"),
        ("0755-12345678转801", "075512345678"),
        ("（0755）12345678", "075512345678"),
        ("+86 755 12345678", "075512345678"),
        ("010-12345678", "01012345678"),
        ("86123456", "86123456"),
        ("4008123456", "4008123456"),
    ],
)
def test_a_number_has_one_spelling(session: psycopg.Connection[Any], spelled: str, normal: str) -> None:
    assert told(session, "normal_phone", spelled) == normal
    assert told(session, "person_key", spelled) == told(session, "person_key", normal)


@pytest.mark.parametrize("said", [None, "", " ", "匿名", "未知", "12345", "00000000", "11111111111", "𠮷", "9" * 40])
def test_what_is_no_number_has_no_key(session: psycopg.Connection[Any], said: str | None) -> None:
    assert told(session, "person_key", said) is None


@pytest.mark.parametrize(
    ("spelled", "normal"),
    [
        ("11010519491231002x", "11010519491231002X"),
        ("110105 19491231 002Ｘ", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
        ("E12345678", "E12345678"),
        ("H12345678（01）", "H1234567801"),
        ("110105194912310021", "110105194912310021"),
    ],
)
def test_an_identity_number_has_one_spelling(session: psycopg.Connection[Any], spelled: str, normal: str) -> None:
    assert told(session, "normal_identity", spelled) == normal


@pytest.mark.parametrize("said", [None, "", "无", "000", "1" * 18, "（）"])
def test_what_is_no_identity_number_has_no_key(session: psycopg.Connection[Any], said: str | None) -> None:
    assert told(session, "identity_key", said) is None


@settings(max_examples=25)
@given(phone=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(lambda digits: len(set(digits)) > 1))
def test_a_key_is_the_hmac_of_the_number(session: psycopg.Connection[Any], phone: str) -> None:
    [(inner, outer)] = session.execute("SELECT inner_pad, outer_pad FROM hotline.person_secret").fetchall()
    key = bytes(byte ^ 0x36 for byte in inner)
    assert bytes(byte ^ 0x5C for byte in outer) == key
    assert told(session, "person_key", phone) == hmac.new(key, phone.encode(), hashlib.sha256).hexdigest()


@settings(max_examples=50)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_has_a_key_or_none(session: psycopg.Connection[Any], text: str) -> None:
    for function in ("person_key", "identity_key"):
        [(key,)] = session.execute(f"SELECT hotline.{function}(%s)".encode(), [text]).fetchall()
        assert key is None or len(key) == 64


def test_two_keys_are_never_alike(session: psycopg.Connection[Any]) -> None:
    with session.transaction(force_rollback=True):
        before = told(session, "person_key", "13812345678")
        [(version,)] = session.execute("SELECT hotline.make_person_secret()").fetchall()
        assert version == 2
        assert told(session, "person_key", "13812345678") != before


@pytest.mark.parametrize("role", ["hotline_loader", "hotline_analyst", "hotline_text_reader", "hotline_auditor"])
def test_nobody_reads_what_keys_are_made_with(session: psycopg.Connection[Any], role: LiteralString) -> None:
    with session.transaction(force_rollback=True):
        session.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute("SELECT * FROM hotline.person_secret")


def test_the_loader_writes_keys_without_reading_what_they_are_made_with(session: psycopg.Connection[Any]) -> None:
    with session.transaction(force_rollback=True):
        session.execute("SET LOCAL ROLE hotline_loader")
        session.execute(
            "INSERT INTO hotline.call_log (row_id, callid, callno, written_at)"
            " VALUES (1, 'a', '13812345678', now()), (2, 'b', '+86 13812345678', now()), (3, 'c', '匿名', now())"
        )
        keys = [key for (key,) in session.execute("SELECT person_key FROM hotline.call_log ORDER BY row_id")]
    assert keys[0] is not None
    assert keys == [keys[0], keys[0], None]


@pytest.mark.parametrize("suffix", ["", "_history"])
@pytest.mark.parametrize("interface", KEYED, ids=lambda known: known.name)
def test_every_table_of_the_contract_keeps_keys(session: psycopg.Connection[Any], interface: Any, suffix: str) -> None:
    """The first number that is one counts; a row without any keeps what it is given."""
    *phones, last = interface.person.phone
    with session.transaction(force_rollback=True):
        table = f"hotline.{interface.table}{suffix}"
        sample: dict[str, object] = {last: "13812345678", **dict.fromkeys(phones, "匿名"), "row_id": 1}
        if interface.person.identity:
            sample[interface.person.identity] = "110105491231002"
        moments = ["loaded_at", "written_at"] if interface.kind == "report" else ["loaded_at", "requested_at"]
        sample |= dict.fromkeys([*moments, *(["replaced_by"] if suffix and "requested_at" in moments else [])], "now")
        if interface.kind != "report":
            sample |= {"flags": [], "content_hash": b"x", "source": "test"}
        insert = (
            f"INSERT INTO {table} ({', '.join(sample)}) OVERRIDING SYSTEM VALUE"
            f" VALUES ({', '.join(['%s'] * len(sample))})"
        )
        session.execute(insert.encode(), list(sample.values()))
        [row] = session.execute(f"SELECT {', '.join(interface.person_columns)} FROM {table}".encode()).fetchall()
        wanted = (told(session, "person_key", "13812345678"), told(session, "identity_key", "11010519491231002X"))
        assert row == wanted[: len(row)]
        erased = [*interface.person.fields]
        gone = ", ".join(f"{name} = '已删除'" for name in erased)
        session.execute(f"UPDATE {table} SET {gone}, person_key = 'given'".encode())
        assert session.execute(f"SELECT person_key FROM {table}".encode()).fetchall() == [("given",)]


def test_the_contract_refuses_a_person_without_a_number() -> None:
    with pytest.raises(ValueError, match="no phone or identity number stands in calltime"):
        type(contract()["callinfo"]).model_validate(
            contract()["callinfo"].model_dump() | {"person": {"phone": ("calltime",)}}
        )
