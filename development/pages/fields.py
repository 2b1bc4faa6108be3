"""The data dictionary (数据字典): every interface with its fields, and the docking tables that are no interface's."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from development.pages.markdown import code, table
from hotline_bridge.contract.docking import docking_tables
from hotline_bridge.contract.reader import contract, interfaces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.contract.model import Field, Interface

_HEADINGS = ("field 字段", "column 列", "说明", "type 类型", "length 长度", "required 必填", "personal 个人信息")


def interface_list() -> str:
    """One line an interface."""
    return table(
        ("interface 接口", "section 章节", "name 名称", "kind 类别", "table 表", "key 主键"),
        (
            (
                f"[{interface.name}](#{interface.name.lower()})",
                interface.section,
                f"{interface.label_zh} {interface.title_en}",
                interface.kind,
                code(interface.table),
                code(interface.key),
            )
            for interface in contract().values()
        ),
    )


def interface_fields() -> str:
    """A section an interface: what it is, then its request and its answer, field by field."""
    return "\n".join(part for interface in contract().values() for part in _section(interface))


def docking_fields() -> str:
    """The docking tables whose columns are listed in `contract/docking.yaml` or come from an interface's answer."""
    reported = {interface.table for interface in contract().values() if interface.kind == "report"}
    parts = []
    for name, docking in docking_tables().items():
        if name in reported:
            continue
        keys = ", ".join(map(code, docking.key)) or "none enforced 不强制"
        parts.append(f"### docking.{name}\n\n{docking.zh}（{docking.section}） · written by {docking.written_by}\n")
        parts.append(f"Key 主键: {keys}\n")
        rows = ((code(column.name), column.type, column.zh) for column in docking.columns)
        parts.append(table(("column 列", "type 类型", "说明"), rows))
    return "\n".join(parts)


def docking_grants() -> str:
    """The statements that give the accounts of the docking store what they need, and no more."""
    by_writer: dict[str, list[str]] = {"12345": [], "bridge": []}
    for name, docking in docking_tables().items():
        by_writer[docking.written_by].append(f"docking.{name}")
    theirs, ours = (", ".join(by_writer[writer]) for writer in ("12345", "bridge"))
    orders = ", ".join(f"docking.{interface.table}" for interface in interfaces_of("order"))
    statements = (
        "GRANT USAGE ON SCHEMA docking TO hotline_12345, hotline_bridge;",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {theirs} TO hotline_12345;",
        f"GRANT SELECT, UPDATE (collected_at) ON {theirs} TO hotline_bridge;",
        f"GRANT SELECT ON {ours} TO hotline_12345;",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {ours} TO hotline_bridge;",
        "GRANT USAGE ON SCHEMA docking TO hotline_form;",
        f"GRANT SELECT, INSERT ON {orders} TO hotline_form;",
        "GRANT SELECT ON docking.order_status TO hotline_form;",
    )
    lines = "\n".join(_wrapped(statement) for statement in statements)
    return f"```sql\n{lines}\n```\n"


def _wrapped(statement: str) -> str:
    """A statement in lines of at most 110 characters, the later ones indented."""
    return textwrap.fill(statement, 110, subsequent_indent="    ", break_long_words=False)


def _section(interface: Interface) -> Iterator[str]:
    yield f"### {interface.name}\n"
    yield f"{interface.label_zh}（规范 {interface.section}：{interface.title_zh}）· {interface.title_en}\n"
    yield f"{'; '.join(_facts(interface))}\n"
    for title, fields in (("Request 请求", interface.request), ("Answer 应答", interface.response)):
        if fields:
            yield f"{title}\n\n{_fields(fields)}"


def _facts(interface: Interface) -> Iterator[str]:
    method = interface.dispatch
    yield f"`POST {interface.path}`" + (f" with `{method.field}` = `{method.value}`" if method else "")
    yield f"kind: {interface.kind}"
    if interface.table:
        yield f"table: `{interface.table}`"
    if interface.key:
        yield f"key: `{interface.key}`"
    if interface.hold:
        yield f"held while `{interface.hold}` is blank"
    if interface.limits.max_rows:
        yield f"at most {interface.limits.max_rows} rows an answer"
    if interface.limits.max_window_days:
        yield f"window of at most {interface.limits.max_window_days} days"


def _fields(fields: Sequence[Field]) -> str:
    return table(
        _HEADINGS,
        ((code(f.name), code(f.column), f.zh, f.type, _length(f), _required(f), f.personal) for f in fields),
    )


def _length(field: Field) -> str:
    printed = "" if field.length is None else str(field.length)
    return printed if field.max_length is None else f"{printed} ({field.max_length} accepted: {field.why})"


def _required(field: Field) -> str:
    if field.required == "conditional":
        return f"when: {field.condition or field.related}"
    return "yes 是" if field.required else ""
