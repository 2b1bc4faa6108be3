"""What stands on the order form (受理页, specification 4.1): fields in printed order, what is wrong and what is odd.

All of it derives from the contract and from the code lists of the local store. The rules are those of intake (`judge`).
"""

from __future__ import annotations

import dataclasses
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.names import first_word
from hotline_bridge.outbound.decisions import FLAGS_ZH
from hotline_bridge.standard_data.choices import FEW, Choices
from hotline_bridge.standard_data.lists import code_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotline_bridge.contract.model import Field, Interface
    from hotline_bridge.outbound.judge import Judged

FIELD = "field-"
"""Before the wire name of a field in the form."""
SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "regino": "登记信息",
        "salesway": "购买情况",
        "invopart": "涉及主体",
        "proname": "提供方",
        "goodsobtype": "商品服务与渠道",
        "consulrange": "咨询与答复",
    }
)
"""By the field that begins it: the heading of a part of the form."""
_LONG = 1_000
"""A field that takes more characters gets several lines."""
_UNLISTED = "不在代码表中"
_WRONG_TYPE = {
    "time": "请按 20261124103000 的格式填写",
    "timestamp": "请按 2026-11-24 10:30:00 的格式填写",
    "date": "请按 2026-11-24 的格式填写",
    "number": "请填写数字，小数点后最多六位",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the form."""

    field: Field
    value: str = dataclasses.field(repr=False)
    wrong: tuple[str, ...] = ()
    """Broken rules, in Chinese."""
    doubts: tuple[str, ...] = ()
    """What is odd about it, in Chinese; it is sent all the same."""
    offered: str = dataclasses.field(default="", repr=False)
    """What 12345 gave this time, where the order is there already and says something else."""
    few: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Codes to choose from, where there are few."""
    searched: str = ""
    """The list to search, where there are many."""
    said: str = ""
    """The name of the code in it."""
    named_in: str = ""
    """The field that holds the name of this one's code."""

    @property
    def id(self) -> str:
        """Its name in the form."""
        return FIELD + self.field.name

    @property
    def label(self) -> str:
        """What the specification calls it (说明)."""
        return label_of(self.field)

    @property
    def is_long(self) -> bool:
        """Whether it needs several lines."""
        return (self.field.limit or 0) > _LONG or "\n" in self.value

    @property
    def is_missing(self) -> bool:
        """Whether it must be filled and is not."""
        return not self.value.strip() and bool(self.field.required is True or self.wrong)


def label_of(known: Field) -> str:
    """What the specification calls a field, without the codes that stand behind it."""
    return first_word(known.zh or known.name)


def carried(text: str) -> str:
    """A text as a form carries it: ends of lines in one way, and no control characters."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in kept if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def read_values(interface: Interface, given: Mapping[str, str], stands: Mapping[str, str]) -> dict[str, str]:
    """The order that a form says, by wire name, without blanks around texts.

    Args:
        interface: Of its kind.
        given: The fields of the form.
        stands: The order as it stands already; what was left alone stays as it is, to the byte.
    """
    values = {}
    for known in interface.request:
        text, before = carried(given.get(FIELD + known.name, "")).strip(), stands.get(known.name, "")
        values[known.name] = before if text == carried(before).strip() else text
    return values


def entries(
    interface: Interface,
    values: Mapping[str, str],
    choices: Mapping[str, Choices],
    judged: Judged | None = None,
    offered: Mapping[str, str] = MappingProxyType({}),
) -> list[Entry]:
    """The fields of a form in printed order.

    Args:
        interface: Of the order's kind.
        values: What they hold, by wire name.
        choices: The code lists that are there.
        judged: What the rules say; None where nothing was judged yet.
        offered: What 12345 gave this time, by wire name.
    """
    names = {known.name for known in interface.request}
    return [
        _entry(interface, known, carried(values.get(known.name, "")), choices, judged, offered, names)
        for known in interface.request
    ]


def _entry(
    interface: Interface,
    known: Field,
    value: str,
    choices: Mapping[str, Choices],
    judged: Judged | None,
    offered: Mapping[str, str],
    names: set[str],
) -> Entry:
    listed = list_of(interface, known)
    codes: Mapping[str, str] = choices[listed].codes if listed in choices else known.codes or {}
    is_few = 0 < len(codes) <= FEW
    doubts = [FLAGS_ZH.get(flag, flag) for flag in _of(known, judged.flags if judged else ())]
    if codes and value.strip() and value not in codes and not known.codes:
        doubts.append(_UNLISTED)
    other = carried(offered.get(known.name, ""))
    return Entry(
        known,
        value,
        wrong=tuple(_rule_zh(known, rule, value) for rule in _of(known, judged.reasons if judged else ())),
        doubts=tuple(doubts),
        offered=other if other.strip() and other != value else "",
        few=codes if is_few else {},
        searched=listed if listed in choices and not is_few else "",
        said=codes.get(value, ""),
        named_in=f"{known.name}name" if codes and f"{known.name}name" in names else "",
    )


def list_of(interface: Interface, known: Field) -> str:
    """The code list that a field holds codes of; empty where there is none."""
    return next((name for name, lists in code_lists().items() if lists.holds_for(interface, known)), "")


def lists_of(interface: Interface) -> list[str]:
    """The code lists of all its fields."""
    return sorted({list_of(interface, known) for known in interface.request} - {""})


def sections(found: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries under their headings; the first part has one always."""
    parts: list[tuple[str, list[Entry]]] = []
    for entry in found:
        heading = SECTIONS.get(entry.field.name)
        if heading or not parts:
            parts.append((heading or "登记信息", []))
        parts[-1][1].append(entry)
    return parts


def _of(known: Field, told: Iterable[str]) -> list[str]:
    named = (one.partition(":") for one in told)
    return [rule for name, _, rule in named if name == known.name]


def _rule_zh(known: Field, rule: str, value: str) -> str:
    if rule == "length":
        return f"最多 {known.limit} 个字，现在有 {len(value)} 个"
    if rule == "type":
        return _WRONG_TYPE.get(known.kind, rule)
    return next((words for name, words in RULE_ZH.items() if name == rule), rule)
