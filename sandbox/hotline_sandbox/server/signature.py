"""The server's side of the header `AppId&Token&MD5(yyyymmdd-body)` (protocol: the header value).

Written apart from the client's side. Where the specification is silent: the MD5 is 32 hexadecimal digits in either
case, over the bytes as received, with the date of Asia/Shanghai at the moment of receipt; no other day is accepted.
Only a request without a body may leave the MD5 part out, and then without a trailing `&`.
"""

from __future__ import annotations

import hashlib
import hmac

_HEX_DIGITS = 32


class SignatureCheck:
    """Checks header values against one AppId and one Token."""

    def __init__(self, app_id: str, token: str) -> None:
        self._identity = f"{app_id}&{token}".encode()
        self._identity_and_separator = self._identity + b"&"

    def accepts(self, header: bytes | None, body: bytes, day: bytes) -> bool:
        """Whether the header value belongs to this client, this body and this day (`yyyymmdd`).

        Every comparison takes the same time wherever the first difference stands.
        """
        if header is None:
            return False
        if not body and hmac.compare_digest(header, self._identity):
            return True
        identity, digest = header[:-_HEX_DIGITS], header[-_HEX_DIGITS:].lower()
        expected = hashlib.md5(day + b"-" + body, usedforsecurity=False).hexdigest().encode()
        known = hmac.compare_digest(identity, self._identity_and_separator)
        return hmac.compare_digest(digest, expected) and known
