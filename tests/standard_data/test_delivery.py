"""Code lists that are delivered as a file: what is read, what is refused and why, and what meanings stay."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import psycopg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_bridge.by_hand import ByHand
from hotline_bridge.standard_data.delivered_file import MOST_CODES, Code, Delivered, Unusable, read_delivered
from hotline_bridge.standard_data.delivery import (
    find_delivery,
    keep_upload,
    preview_of,
    previewed,
    put_in_use,
    withdraw,
)
from hotline_bridge.standard_data.lists import CodeVersion, load_standard_data, read_list
from hotline_bridge.standard_data.unknown import keep_unknown_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

BY = ByHand("airflow:wang", "总局来文")
TODAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def one_store(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("deliveries", template=templates.local)
    with psycopg.connect(postgres.conninfo("deliveries"), autocommit=True) as connection:
        load_standard_data(connection)
        yield connection


@pytest.fixture
def local(one_store: Connection) -> Iterator[Connection]:
    with one_store.transaction(force_rollback=True):
        yield one_store


def book(*rows: Sequence[Any], sheets: int = 1) -> bytes:
    """An XLSX workbook; a text that begins with = is a formula."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        for _ in range(sheets):
            sheet = workbook.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


def far_book(row: int, column: int, *, placed: bool = True) -> bytes:
    """A list with one more cell somewhere; where cells do not say their place, they stand one behind another."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ("代码", "名称"))
        sheet.write_row(1, 0, ["1"] * (column if not placed else 2))
        sheet.write(row, column, "x")
    if placed:
        return content.getvalue()
    unplaced = io.BytesIO()
    with ZipFile(content) as packed, ZipFile(unplaced, "w") as other:
        for name in packed.namelist():
            part = packed.read(name)
            other.writestr(name, re.sub(rb' r="[A-Z]+[0-9]+"', b"", part) if "worksheets" in name else part)
    return unplaced.getvalue()


def misplaced_book() -> bytes:
    """A workbook whose sheet lies in another folder."""
    content = io.BytesIO()
    with ZipFile(io.BytesIO(far_book(60_000, 60))) as packed, ZipFile(content, "w") as other:
        for name in packed.namelist():
            part = packed.read(name).replace(b"worksheets/sheet1.xml", b"other/sheet1.xml")
            other.writestr(name.replace("worksheets/sheet1.xml", "other/sheet1.xml"), part)
    return content.getvalue()


def linked_book() -> bytes:
    """A list in a workbook with what it knows of another one."""
    content = io.BytesIO(book(("代码", "名称"), ("01", "甲")))
    link = (
        '<externalLink><sheetData sheetId="0"><row r="1"><cell r="A1"><v>1</v></cell></row></sheetData></externalLink>'
    )
    with ZipFile(content, "a") as packed:
        packed.writestr("xl/externalLinks/externalLink1.xml", link)
    return content.getvalue()


def huge_book() -> bytes:
    """A small file that unpacks to more than any list."""
    content = io.BytesIO(book(("代码", "名称"), ("1", "甲")))
    with ZipFile(content, "a", compression=8) as packed, packed.open("xl/worksheets/sheet9.xml", "w") as part:
        for _ in range(11):
            part.write(b" " * (10 << 20))
    return content.getvalue()


def encrypted_book() -> bytes:
    """A workbook whose parts say that they need a password."""
    content = bytearray(book(("代码", "名称"), ("1", "甲")))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(sign, at + 1)
    return bytes(content)


def damaged_book() -> bytes:
    """A workbook with other bytes in the midst of a sheet."""
    content = bytearray(book(("代码", "名称"), *((f"{n:05}", "甲" * 9) for n in range(500))))
    at = content.find(b"xl/worksheets/sheet1.xml") + 200
    content[at : at + 400] = b"\xff" * 400
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("a.csv", "代码,名称\n01,甲\n\n 02 ,　乙 \n".encode("utf-8-sig"), [("01", "甲"), ("02", "乙")]),
        ("a.CSV", "code\tname\r\n01\t甲,乙\r\n".encode(), [("01", "甲,乙")]),
        ("a.csv", '\n序号;代码名称;代码\n1;"甲;""乙""";01\n'.encode(), [("01", '甲;"乙"')]),
        ("a.csv", "编码,内容\n01,餐饮服务\n".encode("gbk"), [("01", "餐饮服务")]),
        ("a.xlsx", book(("代码", "名称"), ("0101", "甲"), ("", ""), ("0102", "乙")), [("0101", "甲"), ("0102", "乙")]),
        ("a.xlsx", book(("序号", "代码", "名称"), (1, "A1", 2025)), [("A1", "2025")]),
        ("a.xlsx", linked_book(), [("01", "甲")]),
        ("a.csv", "代码,名称\n01,甲\u3000乙\xa0 丙\n".encode(), [("01", "甲 乙 丙")]),
    ],
)
def test_what_a_city_delivers_is_read(name: str, content: bytes, codes: list[tuple[str, str]]) -> None:
    delivered = read_delivered(name, content)
    assert [(code.code, code.name) for code in delivered.codes] == codes
    assert not delivered.has_days


def test_days_are_read_as_people_and_workbooks_write_them() -> None:
    text = "代码,名称,启用日期,停用日期\n1,甲,2020-01-01,2020/12/31\n1,乙,2021年1月1日,\n"
    sheet = book(
        ("代码", "名称", "启用日期", "停用日期"),
        ("1", "甲", date(2020, 1, 1), "2020.12.31"),
        ("1", "乙", date(2021, 1, 1), ""),
    )
    expected = [Code("1", "甲", date(2020, 1, 1), date(2020, 12, 31)), Code("1", "乙", date(2021, 1, 1), None)]
    for name, content in (("a.csv", text.encode()), ("a.xlsx", sheet)):
        assert read_delivered(name, content) == Delivered(expected, has_days=True, remarks=[])


def test_what_a_person_should_look_at_is_said() -> None:
    assert "GBK" in read_delivered("a.csv", "代码,名称\n01,甲\n".encode("gbk")).remarks[0]
    assert "第一个工作表" in read_delivered("a.xlsx", book(("代码", "名称"), ("1", "甲"), sheets=2)).remarks[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.xls", b"x", "只接受 CSV 文件和 XLSX 工作簿"),
        ("a.csv", "姓名,电话\n".encode(), "第一行须为表头"),
        ("a.csv", "代码,名称\n".encode(), "表头之下没有代码"),
        ("a.csv", "代码,名称\n1,甲\n1,乙\n".encode(), "代码 1 有 2 行：请只保留一行"),
        ("a.csv", "代码,名称,启用日期\n1,甲,2020-01-01\n1,乙,2019-01-01\n1,丙,2019-01-01\n".encode(), "日期重叠"),
        ("a.csv", "代码,名称\n,甲\n2,\n".encode(), "第 2 行：没有代码"),
        ("a.csv", "代码,名称\n1,甲\n=1+1,乙\n".encode(), "第 3 行：代码像是公式"),
        ("a.csv", "代码,名称\n1,@SUM(A1)\n".encode(), "第 2 行：名称像是公式"),
        ("a.csv", "代码,名称\n1,甲\u202e乙\n".encode(), "第 2 行：名称超过 200 个字符，或含有不可见的字符"),
        ("a.csv", f"代码,名称\n1,{'甲' * 4000}\n".encode(), "名称超过 200 个字符"),
        ("a.csv", "代码,名称,启用日期\n1,甲,去年\n".encode(), "启用日期无法读取"),
        ("a.csv", "代码,名称,启用日期\n1,甲,2026\n".encode(), "启用日期无法读取"),
        ("a.csv", f"代码,名称,停用日期\n1,甲,{'9' * 30}-1-1\n".encode(), "停用日期无法读取"),
        ("a.csv", "代码,名称,启用日期,停用日期\n1,甲,2020-01-02,2020-01-01\n".encode(), "停用日期早于启用日期"),
        ("a.csv", '代码,名称\n1,"甲\n'.encode(), "引号不成对"),
        ("a.csv", b"\xff\xfe\xfa\x80", "文字编码无法识别"),
        ("a.csv", "代码,名称\n1,甲\0\n".encode(), "文件不是文本"),
        ("a.csv", ("代码,名称\n" + "1,甲\n" * (MOST_CODES + 1)).encode(), f"超过 {MOST_CODES:,} 行"),
        ("a.xlsx", book(("代码", "名称"), ("=1+1", "甲")), "工作簿中有公式"),
        ("a.xlsx", book(("代码", "名称"), (101, "甲")), "第 2 行：代码是数字格式"),
        ("a.xlsx", book(("代码", "名称"), (date(2026, 1, 2), "甲")), "代码被当作日期"),
        ("a.xlsx", b"PK\x03\x04 no workbook", "工作簿无法打开"),
        ("a.xlsx", "代码,名称\n1,甲\n".encode(), "工作簿无法打开"),
        ("a.xlsx", encrypted_book, "工作簿无法打开"),
        ("a.xlsx", damaged_book, "工作簿无法打开"),
        ("a.csv", "代码,名称\n1\u30002,甲\n".encode(), "代码超过 50 个字符，或含有不可见的字符"),
        ("a.xlsx", huge_book, "工作簿过大"),
        ("a.xlsx", partial(far_book, 1_048_575, 16_383), "第 1048576 行第 16384 列有内容"),
        ("a.xlsx", misplaced_book, "工作簿无法打开"),
        ("a.xlsx", partial(far_book, 1, 50), "第 2 行第 51 列有内容"),
        ("a.xlsx", partial(far_book, 1, 50, placed=False), "第 2 行第 51 列有内容"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(name: str, content: bytes | Callable[[], bytes], words: str) -> None:
    """Large workbooks are made here, not by every worker that collects."""
    with pytest.raises(Unusable) as raised:
        read_delivered(name, content() if callable(content) else content)
    assert words in "".join(raised.value.problems)
    assert len(raised.value.problems) <= 21


def version(code: str, name: str, begin: date | None = None, end: date | None = None) -> CodeVersion:
    return CodeVersion("unit", "单位", code, name, begin, end, "来文", TODAY)


def test_earlier_meanings_keep_their_days_up_to_the_new_list() -> None:
    known = [
        version("1", "甲"),
        version("2", "乙", date(2020, 1, 1)),
        version("3", "丙", None, date(2019, 12, 31)),
        version("4", "丁"),
        version("4", "将来", date(2999, 1, 1)),
    ]
    delivered = Delivered([Code("1", "甲"), Code("2", "新乙"), Code("5", "戊")], has_days=False)
    seen = previewed(known, "unit", delivered, TODAY, "来文", TODAY)
    day_before = date(2026, 11, 30)
    assert list(seen.versions) == [
        version("1", "甲"),
        version("2", "乙", date(2020, 1, 1), day_before),
        version("2", "新乙", TODAY),
        version("3", "丙", None, date(2019, 12, 31)),
        version("4", "丁", None, day_before),
        version("5", "戊", TODAY),
    ]
    assert [(one.code, one.before, one.after) for one in (*seen.added, *seen.changed, *seen.removed)] == [
        ("5", "", "戊"),
        ("2", "乙", "新乙"),
        ("4", "丁", ""),
    ]
    assert seen.same == 1


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))
LISTS = st.dictionaries(st.sampled_from("123"), st.sampled_from("甲乙丙"))


@given(st.lists(st.tuples(DAYS, LISTS), max_size=5))
@settings(max_examples=150, deadline=None)
def test_each_day_has_the_meanings_of_the_list_that_was_delivered_for_it_last(
    deliveries: list[tuple[date, dict[str, str]]],
) -> None:
    known: Sequence[CodeVersion] = []
    expected: dict[date, dict[str, str]] = {date(2026, 1, day): {} for day in range(1, 29)}
    for holds_from, names in deliveries:
        delivered = Delivered([Code(*pair) for pair in names.items()], has_days=False)
        known = previewed(known, "unit", delivered, holds_from, "来文", TODAY).versions
        expected |= {day: names for day in expected if day >= holds_from}
    for day, names in expected.items():
        holding = [one for one in known if (one.valid_from or date.min) <= day <= (one.valid_to or date.max)]
        assert sorted((one.code, one.name) for one in holding) == sorted(names.items())


def upload(local: Connection, codes: Sequence[Code], *, holds_from: date | None = None) -> int:
    return keep_upload(
        local,
        "unit",
        Delivered(codes, has_days=False),
        actor=BY.actor,
        file_name="单位.csv",
        source="来文",
        source_date=TODAY,
        holds_from=holds_from,
    )


def test_a_delivered_list_counts_until_it_is_withdrawn_whatever_the_files_say(local: Connection) -> None:
    first = find_delivery(local, upload(local, [Code("1", "甲")]))
    assert first
    assert read_list(local, "unit") == []
    assert put_in_use(local, first, preview_of(local, first), BY)
    assert load_standard_data(local) == 0
    assert read_list(local, "unit") == [version("1", "甲")]
    second = find_delivery(local, upload(local, [Code("1", "乙")], holds_from=TODAY))
    assert second
    assert put_in_use(local, second, preview_of(local, second), BY)
    assert read_list(local, "unit") == [version("1", "甲", None, date(2026, 11, 30)), version("1", "乙", TODAY)]
    assert withdraw(local, "unit", BY)
    assert not withdraw(local, "unit", BY)
    assert read_list(local, "unit") == []
    states = local.execute("SELECT state FROM hotline.code_delivery ORDER BY row_id").fetchall()
    assert states == [("replaced",), ("withdrawn",)]
    acts = local.execute(
        "SELECT action, key, state_before, state_after, actor, reason FROM hotline.operator_action ORDER BY row_id"
    ).fetchall()
    assert acts == [
        ("deliver_codes", "unit", "file", "in_use", BY.actor, BY.reason),
        ("deliver_codes", "unit", "in_use", "in_use", BY.actor, BY.reason),
        ("withdraw_codes", "unit", "in_use", "file", BY.actor, BY.reason),
    ]


def test_what_was_seen_is_put_in_use_or_nothing(local: Connection) -> None:
    mine = find_delivery(local, upload(local, [Code("1", "甲")]))
    assert mine
    seen = preview_of(local, mine)
    local.execute(
        "INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)"
        " VALUES ('unit', '单位', '9', '别人的', '来文', now())"
    )
    assert not put_in_use(local, mine, seen, BY)
    assert put_in_use(local, mine, preview_of(local, mine), BY)
    assert not put_in_use(local, mine, preview_of(local, mine), BY), "twice"
    assert [one.code for one in read_list(local, "unit")] == ["1"]


def test_an_upload_that_nobody_confirmed_makes_room_for_the_next(local: Connection) -> None:
    first, second = upload(local, [Code("1", "甲")]), upload(local, [Code("1", "乙")])
    assert find_delivery(local, first) is None
    assert find_delivery(local, second) is not None


def test_unknown_codes_are_counted_for_the_page(local: Connection) -> None:
    local.execute(
        "INSERT INTO hotline.call_log (row_id, callid, content_hash, written_at, calltype, sourcearea)"
        " SELECT n, n::text, '', now(), '7', '440203' FROM generate_series(1, 3) AS n"
    )
    assert keep_unknown_codes(local) == 1
    assert keep_unknown_codes(local) == 1
    rows = local.execute("SELECT interface, field, category, code, row_count FROM hotline.unknown_code").fetchall()
    assert rows == [("callinfo", "calltype", "calltype", "7", 3)]
