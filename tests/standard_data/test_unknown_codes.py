"""Codes that no list knows, found in the typed tables, and never a value that is no code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.standard_data.lists import load_standard_data
from hotline_bridge.standard_data.unknown import NO_CODE, UnknownCode, unknown_codes
from tests.deadlines.limits_of import put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


@pytest.fixture(scope="module")
def local(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("unknown_codes", template=templates.local)
    with psycopg.connect(postgres.conninfo("unknown_codes"), autocommit=True) as connection:
        load_standard_data(connection)
        yield connection


def found(local: Connection) -> list[UnknownCode]:
    return list(unknown_codes(local))


def test_unknown_codes_are_counted_by_field(local: Connection) -> None:
    with local.transaction(force_rollback=True):
        for number, way in enumerate(("1", "9", "9", "", None)):
            put(local, "complaint_case", regino=f"R{number}", salesway=way, reginfotype="1", appltype="9901")
        put(local, "report_case", regino="R9", salesway="3", reginfotype="4", appltype="9902")
        put(
            local,
            "complaint_case_history",
            row_id=1,
            regino="R1",
            salesway="8",
            flags=[],
            loaded_at="2026-11-24",
            replaced_by="2026-11-24",
        )
        assert found(local) == [
            UnknownCode("getTsBusiCaseInfoData", "salesway", "salesway", "9", 2, has_list=True),
            UnknownCode("getTsBusiCaseInfoData", "appltype", "complaint_problem", "9901", 5, has_list=False),
            UnknownCode("getJbBusiCaseInfoData", "reginfotype", "reginfotype", "4", 1, has_list=True),
            UnknownCode("getJbBusiCaseInfoData", "appltype", "report_problem", "9902", 1, has_list=False),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["张三 13800138000", "13800138000", "440203199001011234", "zhangsan", "0751-8881234", "孝"]
)
def test_what_looks_like_no_code_is_counted_and_never_shown(local: Connection, text: str) -> None:
    with local.transaction(force_rollback=True):
        for number in range(2):
            put(local, "report_case", regino=f"R{number}", goodsobtype=text)
        assert found(local) == [
            UnknownCode("getJbBusiCaseInfoData", "goodsobtype", "goods_service", NO_CODE, 2, has_list=False)
        ]


def test_telephony_tables_are_looked_through_too(local: Connection) -> None:
    with local.transaction(force_rollback=True):
        for number, area in enumerate(("440203", "330100")):
            local.execute(
                "INSERT INTO hotline.call_log (row_id, callid, sourcearea, calltype, written_at)"
                " VALUES (%s, %s, %s, '1', now())",
                (number, f"{area}{number}", area),
            )
        assert found(local) == [UnknownCode("callinfo", "sourcearea", "area", "330100", 1, has_list=True)]
