"""The tables that the bridge publishes to the docking store (回写表), from what it publishes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from development.pages.markdown import code, table
from hotline_bridge.contract.docking import docking_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.contract.docking import Column, DockingTable


def published_list() -> str:
    """One line a table."""
    return table(
        ("table 表", "名称", "section 章节", "key 主键"),
        (
            (f"[{name}](#docking{name})", found.zh, found.section, ", ".join(map(code, found.key)))
            for name, found in _published()
        ),
    )


def published_columns() -> str:
    """A section a table, with its columns."""
    return "\n".join(
        f"### docking.{name}\n\n{found.zh}（{found.section}）\n\n{_columns(found)}" for name, found in _published()
    )


def not_carried() -> str:
    """The columns that no HTTP interface carries, with the section that names each."""
    return table(
        ("table 表", "column 列", "说明", "type 类型", "section 章节"),
        (
            (code(name), code(column.name), column.zh, column.type, column.section or found.section)
            for name, found in _published()
            for column in found.columns
            if not column.carried
        ),
    )


def _published() -> Iterator[tuple[str, DockingTable]]:
    return ((name, found) for name, found in docking_tables().items() if found.written_by == "bridge")


def _columns(found: DockingTable) -> str:
    return table(
        ("column 列", "说明", "type 类型", "written by 写入方"),
        (
            *((code(column.name), column.zh, column.type, _writer(found, column)) for column in found.columns),
            (code("updated_at"), "对接程序写入或更改的时间", "timestamptz", "bridge"),
        ),
    )


def _writer(found: DockingTable, column: Column) -> str:
    if not column.carried:
        return "nobody yet: no HTTP interface carries it 接口不含"
    return "bridge (key 主键)" if column.name in found.key else "bridge"
