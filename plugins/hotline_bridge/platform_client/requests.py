"""Builds the body of a request: compact JSON in UTF-8 (specification 4.8.2.1.3.1), equal bytes for equal values."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from hotline_bridge.errors import Quarantined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Interface

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def build_request(interface: Interface, values: Mapping[str, str | None]) -> bytes:
    """The body of one request: the member that dispatches (`method`), then all fields in the order of the print.

    A field that is absent or None is sent as the empty text, as the printed examples do. An interface with neither
    fields nor dispatch (`todocasefeedback`) has no body: the empty bytes.

    Args:
        interface: The interface that is called.
        values: Texts by wire name, exactly as printed.

    Raises:
        ValueError: A name is no field of the interface.
        Quarantined: A text holds half a surrogate pair, which no UTF-8 can express.
    """
    members = {interface.dispatch.field: interface.dispatch.value} if interface.dispatch else {}
    for field in interface.request:
        members[field.name] = values.get(field.name) or ""
    if unknown := values.keys() - {field.name for field in interface.request}:
        raise ValueError(f"{interface.name} has no request fields {sorted(unknown)}: spell them as printed")
    if not members:
        return b""
    text = _ENCODER.encode(members)
    with suppress(UnicodeEncodeError):
        return text.encode("utf-8")
    # Raised out here, since a UnicodeEncodeError carries the whole body along.
    raise _half_a_character(interface, values)


def _half_a_character(interface: Interface, values: Mapping[str, str | None]) -> Quarantined:
    broken = [name for name, text in values.items() if text and any("\ud800" <= char <= "\udfff" for char in text)]
    return Quarantined(
        f"{', '.join(broken)} holds half a character (a lone surrogate), which cannot be sent as UTF-8",
        interface=interface.name,
        key=None if interface.key is None or interface.key in broken else values.get(interface.key),
        remedy="the text must be written again at its source",
    )
