"""The contract in the package against the transcribed print, field by field; and the reader's own promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract, interfaces_of

PRINT = Path(__file__).parents[3] / "shared" / "spec" / "platform.yaml"
"""Beside the project, in CI too."""
PRINTED_FIELD_KEYS = {
    *("name", "name_lost", "type", "length", "required", "required_zh", "condition", "related", "zh", "codes")
}
PRINTED_KEYS = (
    *("name", "section", "title_zh", "title_en", "description_zh", "path", "kind", "response_shape"),
    *("success_example", "request_example", "request_example_comments"),
)


pytestmark = pytest.mark.skipif(not PRINT.exists(), reason="the transcribed print is not beside the project")


def printed_entries() -> list[dict[str, Any]]:
    if not PRINT.exists():
        return []
    entries = yaml.load(PRINT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["interfaces"]
    return list(entries)


def test_all_27_interfaces_in_the_order_of_the_print() -> None:
    """Those that came after the specification follow them."""
    assert [*contract()][:27] == [entry["name"] for entry in printed_entries()]


@pytest.mark.parametrize("entry", printed_entries(), ids=lambda entry: entry["name"])
def test_interface_is_as_printed(entry: dict[str, Any]) -> None:
    interface = contract()[entry["name"]]
    assert {key: getattr(interface, key) for key in PRINTED_KEYS} == {key: entry.get(key) for key in PRINTED_KEYS}
    assert list(interface.notes) == entry["notes"]
    assert list(interface.sibling_differences) == entry.get("sibling_differences", [])
    assert interface.limits.model_dump(exclude_none=True) == entry["limits"]
    dispatch = interface.dispatch
    assert (dispatch.model_dump() if dispatch else None) == entry["dispatch"]
    for part, fields in (("request", interface.request), ("response", interface.response)):
        ours = [field.model_dump(include=PRINTED_FIELD_KEYS, exclude_unset=True) for field in fields]
        assert ours == entry[part]


def test_373_fields() -> None:
    printed = [contract()[entry["name"]] for entry in printed_entries()]
    assert sum(len(interface.request) + len(interface.response) for interface in printed) == 373


@pytest.mark.parametrize(
    "wrong", [["registime"], ["regino", "x"], ["registime", "regino"]], ids=["no key", "unknown", "key not first"]
)
def test_what_names_a_row_begins_with_its_key(wrong: list[str]) -> None:
    cases = contract()["getTsBusiCaseInfoData"].model_dump()
    assert Interface.model_validate({**cases, "one_row": ["regino", "registime"]}).rest_of_name == ("registime",)
    with pytest.raises(ValidationError):
        Interface.model_validate({**cases, "one_row": wrong})
    with pytest.raises(ValidationError):
        Interface.model_validate({**contract()["getCaseFeedbackTs"].model_dump(), "one_row": ["odrno"]})


def test_the_flows() -> None:
    assert [interface.table for interface in interfaces_of("telephony")][:4] == [
        *("call_log", "recording_log", "seat_login_log", "satisfaction_log")
    ]
    assert {known.kind for known in interfaces_of("feedback")} == {"query", "drain"}
    assert {known.kind for known in interfaces_of("feedback", "drain")} == {"drain"}
    assert [interface.table for interface in interfaces_of("order")] == [
        *("complaint_order", "report_order", "consultation_order")
    ]
    with pytest.raises(ValueError, match="no interface belongs to the flow 'mail'"):
        interfaces_of("mail")


def test_what_is_laid_over_audited_and_looked_at() -> None:
    orders = interfaces_of("order")
    assert [interface for interface in contract().values() if interface.audited] == [*orders]
    assert [interface for interface in contract().values() if interface.supplemented] == [*orders]
    for interface in orders:
        fields = {field.name: field for field in interface.request}
        assert fields[str(interface.supplemented)].limit == 4_000
        assert {name for name, field in fields.items() if field.check == "seat"} == {"workerno"}
        assert {name for name, field in fields.items() if field.check == "identity"} == {"procerno"}
        assert {"telnumber", "protel"} <= {name for name, field in fields.items() if field.check == "phone"}
    looked_at = {
        name: {field.check for field in interface.request} - {None}
        for name, interface in contract().items()
        if interface.flow == "telephony"
    }
    assert (
        looked_at
        | {
            "callinfo": {"number"},
            "recordinfo": {"number"},
            "seatsignin": {"seat"},
            "satisfaction": {"number"},
        }
        == looked_at
    ), "a deployment may have more logs"


def test_a_looser_length_says_why() -> None:
    for interface in contract().values():
        for field in interface.request:
            assert (field.max_length is None) == (field.why is None), f"{interface.name}.{field.name}"


def test_it_is_immutable() -> None:
    interface = contract()["callinfo"]
    with pytest.raises(ValidationError):
        interface.path = "/elsewhere"  # type: ignore[misc]  # what is tried here is what mypy forbids
    with pytest.raises(TypeError):
        contract()["new"] = interface  # type: ignore[index]  # the same


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hold": "endtimes"}, "names unknown fields"),
        ({"in_order": ("calltime", "ringtimes")}, "names unknown fields"),
        ({"key": "callids"}, "is no field of it"),
        ({"supplemented": "complacontent"}, "names unknown fields"),
        ({"keys": "callid"}, "Extra inputs are not permitted"),
        ({"kind": "repot"}, "kind"),
    ],
)
def test_a_misspelt_entry_is_an_error(change: dict[str, Any], words: str) -> None:
    entry = contract()["callinfo"].model_dump()
    with pytest.raises(ValidationError, match=words):
        Interface.model_validate({**entry, **change})
