"""A file that somebody delivers as a code list (代码表导入): opened with care, and judged line by line."""

from __future__ import annotations

import csv
import io
import re
import struct
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_CODES = 50_000
"""Many more than any list has; so many are put in use within the time that a page has."""
LARGEST_FILE = 10 * 1024 * 1024
_LARGEST_SHEET = 100 * 1024 * 1024
"""Unpacked: a workbook is a zip, and a small one can hold a sheet without end."""
_MOST_TOLD = 20
_LONGEST_CODE, _LONGEST_NAME = 50, 200
HEADERS = {
    "code": ("code", "代码", "编码"),
    "name": ("name", "名称", "代码名称", "内容", "代码内容"),
    "valid_from": ("valid_from", "启用日期"),
    "valid_to": ("valid_to", "停用日期"),
}
"""Columns by what may stand above them; the days may be missing."""
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = MOST_CODES + 10, 50, 1_000_000
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
"""Of a cell, such as B12."""
_OF_SHEETS = re.compile(rb"[<:](sheetData|c)[\s/>]")
"""What a sheet has; links to other workbooks have the first alone."""
_OF_ZIP = (RuntimeError, EOFError, zlib.error, struct.error)
"""What a zip raises besides, which is encrypted, packed in a way that Python does not know, or damaged within."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t")
_BLANK = " \t\r\n\u3000\ufeff"


class Code(NamedTuple):
    """One line of a delivered list."""

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


class Unusable(Exception):  # noqa: N818  (an answer, not an error)
    """A file that is no code list: `problems` tell why, each a sentence in Chinese that names lines."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that is a code list."""

    codes: Sequence[Code]
    has_days: bool
    """Whether it says all versions, and not only which codes there are."""
    remarks: Sequence[str] = ()
    """What a person should look at, in Chinese."""


def read_delivered(name: str, content: bytes) -> Delivered:
    """Read a code list.

    Args:
        name: Of the file: `.csv` or `.xlsx`.
        content: Of the file. A CSV is UTF-8 or GBK.

    Raises:
        Unusable: It is none.
    """
    if not content:
        raise Unusable("文件是空的。")
    if name.lower().endswith(".xlsx"):
        rows, remarks = _of_workbook(content)
    elif name.lower().endswith(".csv"):
        rows, remarks = _of_text(content)
    else:
        raise Unusable("只接受 CSV 文件和 XLSX 工作簿：请另存后再导入。")
    lines = enumerate(rows, 1)
    header = next(([_text(cell) for cell in row] for _, row in lines if any(map(_text, row))), [])
    columns = {
        column: next((place for place, cell in enumerate(header) if cell.lower() in names), None)
        for column, names in HEADERS.items()
    }
    if columns["code"] is None or columns["name"] is None:
        raise Unusable("第一行须为表头，并含“代码”和“名称”两列；可以再有“启用日期”和“停用日期”。")
    has_days = columns["valid_from"] is not None or columns["valid_to"] is not None
    problems: list[str] = []
    codes: list[Code] = []
    for number, row in lines:
        if not any(map(_text, row)):
            continue
        if len(codes) + len(problems) >= MOST_CODES:
            raise Unusable(f"超过 {MOST_CODES:,} 行：这不像一张代码表。请只保留代码表的内容。")
        cells = {
            column: row[place] if place is not None and place < len(row) else "" for column, place in columns.items()
        }
        wrong = [f"第 {number} 行：{problem}。" for problem in _problems(cells)]
        problems += wrong
        if not wrong:
            codes.append(
                Code(_text(cells["code"]), _name(cells["name"]), _day(cells["valid_from"]), _day(cells["valid_to"]))
            )
    problems += _overlaps(codes, has_days=has_days)
    if not (codes or problems):
        raise Unusable("表头之下没有代码。")
    if problems:
        told = problems[:_MOST_TOLD]
        raise Unusable(*told, *([f"还有 {len(problems) - _MOST_TOLD:,} 处。"] if len(problems) > _MOST_TOLD else []))
    return Delivered(codes, has_days, remarks)


def _of_text(content: bytes) -> tuple[Iterable[Sequence[Any]], list[str]]:
    remarks = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Unusable("文字编码无法识别：请另存为“CSV UTF-8（逗号分隔）”后再导入。") from None
        remarks.append("文件不是 UTF-8 编码，已按 GBK 读取：请核对下面的文字。")
    if "\0" in text:
        raise Unusable("文件不是文本：请另存为“CSV UTF-8（逗号分隔）”后再导入。")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",\t;", key=first.count)

    def rows() -> Iterator[Sequence[str]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            yield from reader
        except csv.Error:
            raise Unusable(f"第 {reader.line_num} 行的引号不成对：请更正后再导入。") from None

    return rows(), remarks


def _of_workbook(content: bytes) -> tuple[Iterable[Sequence[Any]], list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  (only who uploads one needs it)

    try:
        with ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _LARGEST_SHEET:
                raise Unusable("工作簿过大：请只保留代码表的内容。")
            for part in packed.infolist():
                with packed.open(part) as unpacked:
                    _check_part(part.filename, unpacked)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = book.sheet_names
            sheet = book.get_sheet_by_index(0)
            rows = sheet.to_python(skip_empty_area=False, nrows=_MOST_ROWS)
    except (BadZipFile, CalamineError, expat.ExpatError, OSError, ValueError, IndexError, *_OF_ZIP):
        raise Unusable("工作簿无法打开：可能已损坏或有密码。请另存为 XLSX 后再导入。") from None
    others = f"只读取了第一个工作表“{names[0][:40]}”，另外 {len(names) - 1} 个没有读取。"
    return rows, [others] if len(names) > 1 else []


def _check_part(name: str, part: IO[bytes]) -> None:
    """Check a sheet where sheets belong, and that there is none elsewhere. Raises as `_check_sheet` does."""
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        _check_sheet(part)
        return
    before, found = b"", set[bytes]()
    while read := part.read(1 << 20):
        found |= {*_OF_SHEETS.findall(before + read)}
        if len(found) > 1:
            raise ValueError("a sheet where none belongs")
        before = read[-16:]


def _check_sheet(sheet: IO[bytes]) -> None:
    """Look through a sheet before it is opened.

    Whoever opens it makes room for every cell up to the last row and column with a value: one in XFD1048576 would end
    the process, not the request.

    Raises:
        Unusable: It has a formula, or is larger than any list.
        ExpatError, ValueError: It is no sheet.
    """
    row = column = cells = 0

    def begin(name: str, given: dict[str, str]) -> None:
        nonlocal row, column, cells
        match name.rpartition(" ")[2]:
            case "row":
                row, column = int(given.get("r", row + 1)), 0
            case "c":
                column, cells = column + 1, cells + 1
                if place := _PLACE.fullmatch(given.get("r", "")):
                    row, column = int(place[2]), _column(place[1])
            case "f":
                raise Unusable("工作簿中有公式：请复制后以“只粘贴值”的方式粘贴，再导入。")
            case "v" | "is" if row > _MOST_ROWS or column > _MOST_COLUMNS:
                raise Unusable(
                    f"有工作表在第 {row} 行第 {column} 列有内容："
                    f"每个工作表最多 {_MOST_ROWS:,} 行、{_MOST_COLUMNS} 列，请删除其他内容。"
                )
        if cells > _MOST_CELLS:
            raise Unusable("工作簿过大：请只保留代码表的内容。")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.ParseFile(sheet)


def _column(letters: str) -> int:
    """The number of a column, from 1 on."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _problems(cells: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a line, in Chinese."""
    code, name = _text(cells["code"]), _name(cells["name"])
    if isinstance(cells["code"], (int, float)) and code:
        yield "代码是数字格式，前面的 0 可能已经丢失；请把这一列设为文本格式，重新填写"
    elif isinstance(cells["code"], (date, datetime)):
        yield "代码被当作日期；请把这一列设为文本格式，重新填写"
    elif not code:
        yield "没有代码"
    elif len(code) > _LONGEST_CODE or not code.isprintable():
        yield f"代码超过 {_LONGEST_CODE} 个字符，或含有不可见的字符"
    elif code.startswith(_FORMULA_SIGNS):
        yield "代码像是公式"
    if not name:
        yield "没有名称"
    elif len(name) > _LONGEST_NAME or not name.isprintable():
        yield f"名称超过 {_LONGEST_NAME} 个字符，或含有不可见的字符"
    elif name.startswith(_FORMULA_SIGNS):
        yield "名称像是公式"
    days = {}
    for column, title in (("valid_from", "启用日期"), ("valid_to", "停用日期")):
        try:
            days[column] = _day(cells[column])
        except (ValueError, OverflowError):
            yield f"{title}无法读取，请写成 2026-11-30 的格式"
    if (begin := days.get("valid_from")) and (end := days.get("valid_to")) and end < begin:
        yield "停用日期早于启用日期"


def _overlaps(codes: Sequence[Code], *, has_days: bool) -> Iterator[str]:
    versions: dict[str, list[Code]] = {}
    for code in codes:
        versions.setdefault(code.code, []).append(code)
    for same in versions.values():
        same.sort(key=lambda one: one.valid_from or date.min)
        if any((a.valid_to or date.max) >= (b.valid_from or date.min) for a, b in pairwise(same)):
            shown = same[0].code
            yield f"代码 {shown} 有 {len(same)} 行{'，日期重叠' if has_days else ''}：请只保留一行。"


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip(_BLANK) if cell is not None else ""


def _name(cell: object) -> str:
    """A name as it is looked up and shown: every blank in it a plain one."""
    return " ".join(re.split(r"[ \u3000\xa0]+", _text(cell)))


def _day(cell: object) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if not (text := _text(cell)):
        return None
    year, month, day = map(int, re.split(r"[-/.年月]", text.rstrip("日")))
    return date(year, month, day)
