"""A request to the platform: its body, equal bytes for equal values (specification 4.8.2.1.3.1), and its signature.

The header that carries the signature proves who calls and that the body arrived whole (4.8.2.1.3.2).
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import Quarantined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.contract.model import Interface

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def build_request(interface: Interface, values: Mapping[str, str | None]) -> bytes:
    """The body of one request: the member that dispatches (`method`), then all fields in specification order.

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


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=64)
def _day_in_second(second: int) -> bytes:
    return (_EPOCH + timedelta(seconds=second)).astimezone(SHANGHAI).strftime("%Y%m%d").encode()


def shanghai_day(at: datetime) -> bytes:
    """The day `yyyymmdd` in Asia/Shanghai at an aware moment, as ASCII bytes.

    Raises:
        TypeError: The moment has no time zone.
    """
    # Cached by whole second: many requests share one, and no offset of the zone has ever had a fraction of a second.
    return _day_in_second((at - _EPOCH) // _SECOND)


def sign(app_id: str, token: str, body: bytes, at: datetime) -> str:
    """`AppId&Token&MD5(yyyymmdd-body)`, or `AppId&Token` where there is no body.

    The specification leaves open the form of the MD5 and the zone of the day: taken are 32 lower-case hexadecimal
    digits and Asia/Shanghai.

    Args:
        app_id: Identity of the client (AppId).
        token: Secret of the client (Token).
        body: Exactly the bytes that are sent.
        at: Aware moment of sending.
    """
    if not body:
        return f"{app_id}&{token}"
    # The protocol prescribes MD5; it guards against damage, the Token against strangers.
    digest = hashlib.md5(shanghai_day(at) + b"-" + body, usedforsecurity=False).hexdigest()
    return f"{app_id}&{token}&{digest}"


def across_midnight(signed_at: datetime, now: datetime) -> datetime | None:
    """A moment on the other side of the midnight next to a refused signature, or None where no midnight is near.

    Within a minute of midnight a signature may be refused because the platform's clock has the next day already, or
    still the last one. The moment returned lies in the day that the refused signature did not carry.

    Args:
        signed_at: Aware moment that the refused request was signed for.
        now: Aware moment at which the refusal arrived.
    """
    refused = shanghai_day(signed_at)
    return next((at for at in (now, now + _MINUTE, now - _MINUTE) if shanghai_day(at) != refused), None)
