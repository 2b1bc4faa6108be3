from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import Quarantined
from hotline_bridge.platform_client.request import build_request

# Everything that UTF-8 can say, NUL included.
texts = st.text(st.characters(exclude_categories=["Cs"]))
interfaces = st.sampled_from(sorted(contract()))


@given(name=interfaces, data=st.data())
def test_what_is_built_reads_back_in_the_order_of_the_print(name: str, data: st.DataObject) -> None:
    interface = contract()[name]
    fields = [field.name for field in interface.request]
    values = data.draw(st.dictionaries(st.sampled_from(fields), texts)) if fields else {}
    body = build_request(interface, values)
    expected = [(interface.dispatch.field, interface.dispatch.value)] if interface.dispatch else []
    expected += [(field, values.get(field, "")) for field in fields]
    if not expected:
        assert body == b""
        return
    assert json.loads(body.decode("utf-8"), object_pairs_hook=list) == expected
    assert build_request(interface, dict(reversed(values.items()))) == body


def test_is_compact_and_keeps_chinese_as_it_is() -> None:
    body = build_request(contract()["satisfaction"], {"id": "440200一", "callid": None, "opttime": "NULL\\N\x00"})
    text = '{"id":"440200一","callid":"","satisfaction":"","opttime":"NULL\\\\N\\u0000","sourcearea":""}'
    assert body == text.encode()


def test_the_dispatching_member_comes_first() -> None:
    body = build_request(contract()["putCallbackCaseFeedback"], {"regino": "1,2"})
    assert body.startswith(b'{"method":"putCallbackCaseFeedback","regino":"1,2"')


def test_the_only_interface_without_parameters_has_no_body() -> None:
    silent = {name for name, each in contract().items() if build_request(each, {}) == b""}
    assert silent == {name for name, each in contract().items() if not each.request and not each.dispatch}
    assert "todocasefeedback" in silent


def test_a_misspelt_field_is_an_error_and_shows_no_value() -> None:
    with pytest.raises(ValueError, match="callID") as caught:
        build_request(contract()["callinfo"], {"callID": "secret"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("field", ["callno", "callid"])
def test_half_a_character_is_quarantined_without_its_text(field: str) -> None:
    with pytest.raises(Quarantined, match=field) as caught:
        build_request(contract()["callinfo"], {"callid": "4402001", field: "张三\ud83d"})
    error = caught.value
    assert "张三" not in str(error)
    assert error.__context__ is None  # a UnicodeEncodeError would carry the whole body
    assert error.key == (None if field == "callid" else "4402001")
