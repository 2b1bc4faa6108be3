"""Where each section of the specification is built, tested, shown (规范对照): `docs/specification.yaml` as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import model_validator

from development.pages.markdown import code, table
from hotline_bridge.contract.model import Frozen

if TYPE_CHECKING:
    from pathlib import Path

STATES = {"done": "done 已实现", "part": "in part 部分实现", "to come": "to come 尚未实现"}


class Section(Frozen):
    """One section; paths are relative to the project's folder."""

    section: str
    zh: str
    state: Literal["done", "part", "to come"]
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    """Commands that show it on stores of one's own."""
    note: str = ""

    @model_validator(mode="after")
    def _says_enough(self) -> Section:
        if self.state == "to come" and (self.code or self.tests or self.show):
            raise ValueError(f"{self.section} is to come, and yet it names code, tests or commands")
        if self.state != "to come" and not (self.code and self.tests and self.show):
            raise ValueError(f"{self.section} lacks its code, a test or what shows it")
        if self.state != "done" and not self.note:
            raise ValueError(f"{self.section} does not say what is still to come")
        return self


def sections(project: Path) -> tuple[Section, ...]:
    """All sections in the order of the specification.

    Raises:
        ValueError: The file does not fit, or names a section twice.
    """
    text = (project / "docs" / "specification.yaml").read_text(encoding="utf-8")
    found = tuple(Section.model_validate(entry) for entry in yaml.safe_load(text)["sections"])
    if len({entry.section for entry in found}) != len(found):
        raise ValueError("docs/specification.yaml names a section twice")
    return found


def specification(project: Path) -> str:
    """One line a section."""
    return table(
        ("section 章节", "名称", "state 状态", "code 代码", "tests 测试", "shown by 如何查看", "remarks"),
        (
            (
                entry.section,
                entry.zh,
                STATES[entry.state],
                ", ".join(map(_link, entry.code)),
                ", ".join(map(_link, entry.tests)),
                ", ".join(map(code, entry.show)),
                entry.note,
            )
            for entry in sections(project)
        ),
    )


def _link(path: str) -> str:
    return f"[{path.removeprefix('plugins/hotline_bridge/')}](../{path})"
