"""The check of a call's header `AppId&Token&MD5(yyyymmdd-body)` over the bytes that arrived (4.2.2, 4.8.2.1.3.2).

Every comparison is made, whatever the others found, and takes the same time wherever the first difference stands.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.gateway.envelope import Code, TurnedAway
from hotline_bridge.platform_client.request import shanghai_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotline_bridge.gateway.clients import Client

AROUND_MIDNIGHT = timedelta(minutes=5)
"""So far from midnight the neighbouring day is taken too: clocks differ, and a request takes a while."""
_NOBODY = (hashlib.sha256(b"").digest(),)


def check_signature(clients: Mapping[str, Client], values: Sequence[bytes], body: bytes, at: datetime) -> Client:
    """The client that signed this body.

    Args:
        clients: Those in use, by AppId.
        values: Of the header, as they arrived: one, where all is well.
        body: As it arrived.
        at: Aware moment of arrival.

    Raises:
        TurnedAway: The header is missing, malformed, of nobody in use, or of another body or day.
    """
    if not values:
        raise TurnedAway(Code.NO_SIGNATURE)
    parts = values[0].strip(b" \t").split(b"&")  # blanks around a value are no part of it (RFC 9110)
    if len(values) > 1 or len(parts) not in ({3} if body else {2, 3}) or not all(parts):
        raise TurnedAway(Code.MALFORMED_SIGNATURE)
    client = clients.get(parts[0].decode("latin-1"))
    shown = hashlib.sha256(parts[1]).digest()
    is_known = False
    for known in client.token_hashes if client else _NOBODY:
        is_known |= hmac.compare_digest(shown, known)
    is_whole = len(parts) == 2
    if not is_whole:
        digest = parts[2].lower()
        for day in {shanghai_day(moment) for moment in (at, at - AROUND_MIDNIGHT, at + AROUND_MIDNIGHT)}:
            expected = hashlib.md5(day + b"-" + body, usedforsecurity=False).hexdigest().encode()
            is_whole |= hmac.compare_digest(digest, expected)
    if client is None or not is_known:
        raise TurnedAway(Code.UNKNOWN_CALLER)
    if not is_whole:
        raise TurnedAway(Code.WRONG_DIGEST)
    return client
