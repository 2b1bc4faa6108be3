"""The list of docking tables, as data."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hotline_bridge.contract.docking import DockingTable, docking_tables
from hotline_bridge.contract.reader import contract

DESIGNED = {
    "12345": {
        *(interface.table for interface in contract().values() if interface.kind == "report"),
        *("seat", "order_urge", "order_supplement", "order_deadline"),
    },
    "bridge": {
        *("order_status", "order_return", "order_routing", "acceptance_filing", "standard_data", "feedback_exchange"),
        *("complaint_case_feedback", "report_case_feedback", "consultation_feedback"),
        *("subject_info", "object_info", "complaint_content", "report_violation_content"),
    },
}


@pytest.mark.parametrize("writer", ["12345", "bridge"])
def test_the_tables_are_those_that_others_plug_into(writer: str) -> None:
    assert {table.name for table in docking_tables().values() if table.written_by == writer} == DESIGNED[writer]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("seat", ["seatno", "seatname", "sourcearea", "unitcode", "enabled"]),
        ("order_urge", ["urgeid", "regino", "urgetime", "urger", "remark"]),
        ("order_supplement", ["supplementid", "regino", "supplementtime", "content"]),
        ("order_deadline", ["regino", "deadline"]),
        ("order_status", ["regino", "state", "message"]),
    ],
)
def test_columns_that_the_design_fixes(table: str, columns: list[str]) -> None:
    assert [column.name for column in docking_tables()[table].columns] == columns


def test_an_order_is_called_regino_throughout() -> None:
    tables = [table for table in docking_tables().values() if table.written_by == "bridge"]
    assert [table.name for table in tables if table.key[0] != "regino"] == ["standard_data"]


def test_what_an_interface_answers_is_not_listed_again() -> None:
    returned, answer = docking_tables()["order_return"], contract()["getShBtgData"].response
    assert [column.name for column in returned.columns] == [
        *("regino", *(field.column for field in answer[1:])),
        "origin",
    ]
    assert [column.zh for column in returned.columns[:-1]] == [field.zh for field in answer]
    routing = {column.name: column.type for column in docking_tables()["order_routing"].columns}
    assert routing["zcdate"] == "timestamptz"
    assert routing["deadline"] == "date"


def test_every_column_has_a_chinese_comment() -> None:
    for table in docking_tables().values():
        for column in table.columns:
            assert column.zh, f"{table.name}.{column.name}"


@pytest.mark.parametrize(
    "entry",
    [
        {"written_by": "12345", "columns": {"regino": {"type": "date", "zh": "x"}}},
        {"written_by": "12345", "columns": {"regino": "x"}, "key": ["regino"]},
        {"written_by": "bridge", "columns": {"regino": "x"}},
        {"written_by": "bridge", "columns": {"regino": "x"}, "key": ["odrno"]},
        {"written_by": "bridge", "columns": [{"name": "a", "zh": "x"}, {"name": "a", "zh": "y"}], "key": ["a"]},
        {"written_by": "bridge", "columns": {"regino": {"typ": "text", "zh": "x"}}, "key": ["regino"]},
        {"written_by": "12315", "columns": {"regino": "x"}},
    ],
)
def test_an_entry_that_does_not_fit_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DockingTable.model_validate({"name": "t", "zh": "x", "section": "4", **entry})
