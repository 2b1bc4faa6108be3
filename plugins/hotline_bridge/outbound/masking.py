"""What a person may see of a stored request body: what is no personal data, and of the rest only its length."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotline_bridge.contract.model import Field, Interface

LONGEST_SHOWN = 60
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_IDEOGRAPHS = range(0x20000, 0x40000)


def masked_fields(interface: Interface, body: bytes) -> dict[str, str]:
    """The fields of a body by wire name: personal ones masked, control characters made visible, long texts cut.

    Args:
        interface: The interface that the body belongs to.
        body: A request body as it is stored.
    """
    return masked_values(interface.request, json.loads(body))


def masked_values(fields: Iterable[Field], values: Mapping[str, object]) -> dict[str, str]:
    """The same for values by wire name, whatever their types.

    Args:
        fields: Which to show, and how.
        values: By wire name, as printed.
    """
    return {field.name: _shown(field, str(values.get(field.name) or "")) for field in fields}


def _shown(field: Field, value: str) -> str:
    if field.personal:
        return _shape(value)
    text = "".join(character if is_seen(character) else _named(character) for character in value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(value)} 字)"


def _shape(value: str) -> str:
    """How a personal value is built, without a character of it: `*` and its length."""
    if not value:
        return ""
    return f"*** ({len(value)} 字)" if value.strip() else f"（{len(value)} 个空白）"


def visible(text: str) -> str:
    """A text whose control characters show by their names, but for ends of lines and tabs."""
    if text.isprintable():
        return text
    return "".join(one if is_seen(one) or one in "\n\t" else _named(one) for one in text)


def is_seen(character: str) -> bool:
    """Whether a character takes a place of its own in a line of text.

    Unlike `str.isprintable` it takes blanks of any width, and what rare surnames are written with: characters of a
    city's own font (private use), and ideographs that are newer than Python.
    """
    category = unicodedata.category(character)
    return category not in _UNSEEN and (category != "Cn" or ord(character) in _IDEOGRAPHS)


def _named(character: str) -> str:
    return f"⟨{unicodedata.name(character, f'U+{ord(character):04X}')}⟩"
