"""The dictionary of what analysts read (数据字典), from the catalog, the register of personal data and the contract.

Every view of schema analytics with its columns, in two languages; and the tables of schema hotline that are no
interface's, whose columns stand nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml
from psycopg.rows import class_row

from development.pages.markdown import code, table
from hotline_bridge.contract.reader import contract
from hotline_bridge.contract.register import column_class, views
from hotline_bridge.standard_data.lists import code_lists
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from psycopg import Connection

Language = Literal["en", "zh"]
_HEADINGS: Mapping[Language, Mapping[str, Sequence[str]]] = {
    "en": {
        "columns": ("column", "type", "meaning", "unit or codes", "section", "class", "example"),
        "views": ("view", "one row", "right"),
        "small": ("joins to", "by", "views that have it"),
    },
    "zh": {
        "columns": ("列", "类型", "含义", "单位或代码", "章节", "类别", "示例"),
        "views": ("视图", "一行", "权限"),
        "small": ("连接到", "键", "有该列的视图"),
    },
}
_UNITS = (
    ("_working_days", "working days", "工作日"),
    ("_days", "days", "天"),
    ("_seconds", "s", "秒"),
    ("_count", "number", "个数"),
    ("_amount", "CNY", "元"),
    ("_rate", "share, 0 to 1", "比例，0 至 1"),
    ("_at", "moment", "时刻"),
    ("_on", "date", "日期"),
)
_NAMED_UNITS = {
    "day": ("date", "日期"),
    "month": ("date", "日期"),
    "hour": ("0 to 23", "0 至 23"),
    "rate": ("of the indicator", "随指标"),
}
_CODES = {
    "area_code": ("area",),
    "call_type_code": ("calltype",),
    "goods_class_code": ("goods_service",),
    "problem_class_code": ("complaint_problem", "report_problem"),
    "sales_way_code": ("salesway",),
    "satisfaction_code": ("satisfaction",),
    "unit_code": ("unit",),
}
"""The lists of `include/standard_data` that a code is in."""
_EXAMPLES = {
    "boolean": "true",
    "integer": "3",
    "bigint": "42",
    "numeric": "0.95",
    "date": "2026-03-02",
    "timestamp with time zone": "2026-03-02 09:15:30+08",
}
SUBJECT_KEYS = {"callid": "call", "regino": "work_order"}
"""Column by column the subject whose key it is."""
SMALL_KEYS = {
    "day": "day",
    "area_code": "area",
    "unit_code": "unit",
    "seat_code": "seat",
    "problem_class_code": "problem_class",
    "goods_class_code": "goods_class",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalog has it."""

    schema_name: str
    table_name: str
    table_comment: str | None
    column_name: str
    type: str
    comment: str | None


def columns(session: Connection) -> list[Column]:
    """Every column of the views of schema analytics and of the tables of schema hotline, in order."""
    with session.cursor(row_factory=class_row(Column)) as cursor:
        found = cursor.execute(read_sql("store/described.sql")).fetchall()
    return [column for column in found if column.table_name != "alembic_version"]


def shortcomings(found: Iterable[Column]) -> Iterator[str]:
    """What the dictionary lacks: a comment, an English meaning, an example; and entries of what is gone."""
    names = set()
    for column in found:
        place = f"{column.table_name}.{column.column_name}"
        if not column.table_comment:
            yield f"{column.schema_name}.{column.table_name} has no COMMENT"
        if not column.comment:
            yield f"{column.schema_name}.{place} has no COMMENT"
        if column.schema_name == "analytics":
            names |= {column.column_name, place}
            if not _entry(column).get("en"):
                yield f"{place} has no entry in development/analysts/dictionary.yaml"
            elif not _example(column):
                yield f"{place} has no example in development/analysts/dictionary.yaml"
    yield from (f"development/analysts/dictionary.yaml: no view has {name}" for name in _entries().keys() - names)


def parts(session: Connection) -> dict[str, Callable[[], str]]:
    """What stands between the marks of the pages, by name."""
    tables: dict[str, list[Column]] = defaultdict(list)
    found: dict[str, list[Column]] = defaultdict(list)
    for column in columns(session):
        (found if column.schema_name == "analytics" else tables)[column.table_name].append(column)
    described = {name: found[name] for name in views() if name in found}
    both: tuple[Language, ...] = ("en", "zh")
    return {
        "picture": lambda: f"```mermaid\n{_picture(described)}```\n",
        "tables": lambda: _tables(tables),
        **{f"small-{language}": partial(_small, described, language) for language in both},
        **{f"views-{language}": partial(_views, described, language) for language in both},
    }


def _views(described: Mapping[str, Sequence[Column]], language: Language) -> str:
    def grain(name: str) -> str:
        return views()[name].grain if language == "en" else str(described[name][0].table_comment)

    headings = _HEADINGS[language]
    parts = [table(headings["views"], ((f"[{n}](#{n})", grain(n), code(views()[n].right)) for n in described))]
    for name, found in described.items():
        lines = table(headings["columns"], (_line(column, language) for column in found))
        parts.append(f"### {name}\n\n{grain(name)}\n\n{lines}")
    return "\n".join(parts)


def _picture(described: Mapping[str, Sequence[Column]]) -> str:
    """Subjects as boxes, joined by the columns that are another's key; as Mermaid's text."""
    lines = []
    for key, owner in SUBJECT_KEYS.items():
        for name, found in described.items():
            if name != owner and any(column.column_name == key for column in found):
                lines.append(f"    {owner} ||--o{{ {name} : {key}\n")
    persons = [name for name, found in described.items() if any(c.column_name == "person_key" for c in found)]
    lines += [f"    {one} }}o--o{{ {other} : person_key\n" for one, other in pairwise(persons)]
    return "erDiagram\n" + "".join(lines)


def _small(described: Mapping[str, Sequence[Column]], language: Language) -> str:
    def lines() -> Iterator[tuple[str, str, str]]:
        for key, owner in SMALL_KEYS.items():
            having = [n for n, found in described.items() if n != owner and any(c.column_name == key for c in found)]
            yield f"[{owner}](#{owner})", code(key), ", ".join(map(code, having))

    return table(_HEADINGS[language]["small"], lines())


def _line(column: Column, language: Language) -> tuple[object, ...]:
    entry, place = _entry(column), 0 if language == "en" else 1
    section = contract()[entry["from"].partition(".")[0]].section if "from" in entry else ""
    return (
        code(column.column_name),
        column.type.replace("timestamp with time zone", "timestamptz"),
        entry.get("en") if language == "en" else column.comment,
        _unit(column)[place],
        section,
        views()[column.table_name].classes[column.column_name],
        _example(column),
    )


def _unit(column: Column) -> tuple[str, str]:
    name = column.column_name
    if name in _NAMED_UNITS:
        return _NAMED_UNITS[name]
    if lists := _CODES.get(name):
        said = ", ".join(f"[{one}](../include/standard_data/{one}.csv)" for one in lists if one in code_lists())
        return said, said
    if column.type == "boolean":
        return "true or false", "是或否"
    return next(((en, zh) for suffix, en, zh in _UNITS if name.endswith(suffix)), ("", ""))


def _example(column: Column) -> str:
    entry = _entry(column)
    if "example" in entry:
        return entry["example"]
    return "未交付" if column.column_name.endswith("_name") else _EXAMPLES.get(column.type, "")


def _entry(column: Column) -> Mapping[str, str]:
    own = _entries().get(f"{column.table_name}.{column.column_name}") or _entries().get(column.column_name)
    if own is None and column.column_name.endswith("_name"):
        return {"en": f"name of {code(column.column_name.removesuffix('_name') + '_code')}"}
    return own or {}


@cache
def _entries() -> Mapping[str, Mapping[str, str]]:
    text = Path(__file__).with_name("dictionary.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _tables(tables: Mapping[str, Sequence[Column]]) -> str:
    of_interfaces = {f"{interface.table}{suffix}" for interface in contract().values() for suffix in ("", "_history")}
    parts = []
    for name, found in tables.items():
        if name not in of_interfaces:
            lines = ((code(c.column_name), c.type, c.comment, column_class(name, c.column_name)) for c in found)
            headings = ("column 列", "type 类型", "说明", "class 类别")
            parts.append(f"### hotline.{name}\n\n{found[0].table_comment}\n\n{table(headings, lines)}")
    return "\n".join(parts)
