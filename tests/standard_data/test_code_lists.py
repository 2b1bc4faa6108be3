"""The code lists: files, versions, what is loaded, and what is published."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.standard_data.lists import code_lists, coded_fields, load_standard_data, read_codes
from hotline_bridge.store.data_files import data_folder
from hotline_bridge.store.sql import read_sql
from hotline_sandbox.sample.areas import AREAS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

HEADER = "code,name,valid_from,valid_to,source,source_date\n"


@pytest.fixture(scope="module")
def one_store(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("code_lists", template=templates.local)
    with psycopg.connect(postgres.conninfo("code_lists"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def local(one_store: Connection) -> Iterator[Connection]:
    with one_store.transaction(force_rollback=True):
        yield one_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(data_folder() / "standard_data", tmp_path / "standard_data")


def published(local: Connection) -> list[tuple[object, ...]]:
    """What 12345 is to read, without the codes that the specification names."""
    rows = local.execute(read_sql("publish/standard_data.sql")).fetchall()
    return [row for row in rows if row[0] == "投诉问题类别"]


def test_every_list_of_4_2_18_is_there() -> None:
    assert {"商品服务分类", "举报问题类别", "投诉问题类别", "侵权类型", "调解方式", "单位"} <= {
        known.zh for known in code_lists().values()
    }


def test_printed_codes_are_those_of_the_contract() -> None:
    ours: dict[str, dict[str, str]] = {}
    for version in read_codes():
        ours.setdefault(version.category, {})[version.code] = version.name
    compared = set()
    for interface, field, category in coded_fields():
        if field.codes:
            assert dict(field.codes).items() <= ours[category].items(), f"{interface.name}.{field.name}"
            compared.add(category)
    assert compared == {"calltype", "satisfaction", "reginfotype", "replyonsite"}


def test_a_field_with_printed_codes_belongs_to_a_list() -> None:
    known = {field.column for _, field, _ in coded_fields()}
    printed = {
        field.column
        for interface in contract().values()
        for field in (*interface.request, *interface.response)
        if field.codes
    }
    assert printed - known == {"issuc"}, "the mark of success is no data"


def test_nothing_is_invented_where_no_list_is_printed() -> None:
    filled = {version.category for version in read_codes()}
    assert code_lists().keys() - filled == {
        *("goods_service", "complaint_problem", "report_problem", "infringement", "mediation", "unit")
    }


def test_areas_are_those_of_shaoguan() -> None:
    areas = {version.code: version.name for version in read_codes() if version.category == "area"}
    assert areas == {**AREAS, "440201": "市辖区"}


def test_loading_twice_changes_nothing_and_the_table_follows_the_files(local: Connection, folder: Path) -> None:
    assert load_standard_data(local) == len(read_codes())
    assert load_standard_data(local) == 0
    (folder / "replyonsite.csv").write_text(HEADER + "1,是的,,,测试,2026-11-24\n", encoding="utf-8-sig")
    assert load_standard_data(local, folder) == 2  # one has another name, one is gone
    assert local.execute("SELECT code, name FROM hotline.standard_data WHERE category = 'replyonsite'").fetchall() == [
        ("1", "是的")
    ]


def test_versions_of_a_code_and_which_one_is_published(local: Connection, folder: Path) -> None:
    (folder / "complaint_problem.csv").write_text(
        HEADER
        + "1,旧,,2019-12-31,测试,2026-11-24\n1,新,2020-01-01,,测试,2026-11-24\n1b,又,,,测试,2026-11-24\n"
        + "2,停用,2001-01-01,2009-12-31,测试,2026-11-24\n2,更早,,2000-12-31,测试,2026-11-24\n"
        + "3,现行,2020-01-01,2998-12-31,测试,2026-11-24\n3,将来,2999-01-01,,测试,2026-11-24\n"
        + "4,停用过,,2009-12-31,测试,2026-11-24\n4,远期,2999-01-01,,测试,2026-11-24\n"
        + "4,近期,2998-01-01,2998-12-31,测试,2026-11-24\n",
        encoding="utf-8",
    )
    load_standard_data(local, folder)
    assert published(local) == [
        ("投诉问题类别", "1", "新", date(2020, 1, 1), None),
        ("投诉问题类别", "1b", "又", None, None),
        ("投诉问题类别", "2", "停用", date(2001, 1, 1), date(2009, 12, 31)),
        ("投诉问题类别", "3", "现行", date(2020, 1, 1), date(2998, 12, 31)),
        ("投诉问题类别", "4", "近期", date(2998, 1, 1), date(2998, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1,旧,,2020-01-01,测试,2026-11-24\n1,新,2020-01-01,,测试,2026-11-24\n", "two versions of code 1 overlap"),
        ("1,旧,,,测试,2026-11-24\n1,新,2020-01-01,,测试,2026-11-24\n", "two versions of code 1 overlap"),
        ("1,a,,,测试,2026-11-24\n1,b,,,测试,2026-11-24\n", "two versions of code 1 overlap"),
        ("1,a,2020-01-01,2019-01-01,测试,2026-11-24\n", "valid_to lies before valid_from"),
        (",a,,,测试,2026-11-24\n", "code is blank"),
        ("1,,,,测试,2026-11-24\n", "name is blank"),
        ("1,a,2020-1-1-1,,测试,2026-11-24\n", "write a day as YYYY-MM-DD"),
        ("1,a,,,,2026-11-24\n", "source is blank"),
    ],
)
def test_a_wrong_file_is_named_and_changes_nothing(local: Connection, folder: Path, content: str, words: str) -> None:
    load_standard_data(local)
    (folder / "unit.csv").write_text(HEADER + content, encoding="utf-8")
    (folder / "calltype.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(StopRun, match=words):
        load_standard_data(local, folder)
    assert load_standard_data(local) == 0


def test_a_file_of_no_list_and_a_missing_one_are_errors(folder: Path) -> None:
    (folder / "colour.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(StopRun, match=r"colour\.csv belongs to no list"):
        read_codes(folder)
    (folder / "colour.csv").unlink()
    (folder / "area.csv").unlink()
    with pytest.raises(StopRun, match=r"area\.csv is missing"):
        read_codes(folder)


def test_a_deployment_names_its_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOTLINE_DATA", str(tmp_path))
    with pytest.raises(StopRun, match="HOTLINE_DATA"):
        read_codes()
    shutil.copytree(data_folder_of_project(), tmp_path / "standard_data")
    (tmp_path / "time_limits").mkdir()
    (tmp_path / "standard_data" / "area.csv").write_text(
        HEADER + "330100,杭州市,,,GB/T 2260,2026-11-24\n", encoding="utf-8"
    )
    assert [version.name for version in read_codes() if version.category == "area"] == ["杭州市"]


def data_folder_of_project() -> Path:
    from hotline_bridge.store.sql import sql_folder

    return sql_folder().parent / "standard_data"
