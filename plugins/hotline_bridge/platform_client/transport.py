"""The HTTP session: one deadline a try, answers of bounded size, nothing of the environment, verified certificates."""

from __future__ import annotations

import ssl
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from hotline_bridge.platform_client.settings import wrong_setting

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "hotline-bridge",
}
# Shorter than what servers commonly grant an idle connection (from 5 s): a POST on one that is just being closed looks
# like a lost answer.
_KEEPALIVE_S = 4.0
# Of the deadline: a host that swallows packets is told apart from a slow answer, and surely never got the record.
_SHARE_FOR_CONNECTING = 1 / 3

_GZIP = zlib.MAX_WBITS | 16
# Deflate means a zlib stream by the standard; some servers send a bare one.
_PACKED = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
_HEADER_BYTES, _HEADERS_AT_MOST = 65_536, 1_000


def open_session(settings: PlatformSettings) -> aiohttp.ClientSession:
    """A session that keeps no cookies, uses no proxy and leaves unpacking to `unpack`; nothing is sent yet.

    Raises:
        StopRun: The file `ca_file` cannot be used.
    """
    # The client bounds the concurrency, not the connector: waiting there would eat into the deadline of a try.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S, ssl=_tls(settings))
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=_HEADERS,
        auto_decompress=False,
        trust_env=False,
        # Gateways that sign people on send cookies of 9 kB and headers by the hundred.
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        max_headers=_HEADERS_AT_MOST,
        # aiohttp's own deadline spans connecting, sending and reading to the end, and costs one timer. It is exact
        # only below ceil_threshold: above, it is rounded up to a whole second.
        timeout=aiohttp.ClientTimeout(
            total=settings.timeout_s,
            connect=settings.timeout_s * _SHARE_FOR_CONNECTING,
            ceil_threshold=settings.timeout_s * 2,
        ),
    )


class TooLargeError(ValueError):
    """The answer is greater than the cap."""


async def read_capped(response: aiohttp.ClientResponse, cap: int) -> bytes:
    """The whole body, or `TooLargeError` as soon as it is known to be greater than `cap` bytes."""
    announced = response.content_length
    if announced is not None:
        if announced > cap:
            raise TooLargeError
        return await response.read()
    chunks = bytearray()
    async for chunk in response.content.iter_any():
        chunks += chunk
        if len(chunks) > cap:
            raise TooLargeError
    return bytes(chunks)


def unpack(content: bytes, encoding: str, cap: int) -> bytes:
    """The body without the gzip or deflate that some gateways apply unasked.

    What is cut, damaged, or otherwise encoded stays as it is: no envelope, as whoever reads it will find.

    Args:
        content: The whole body as it came.
        encoding: The header Content-Encoding, or the empty text.
        cap: Greatest size that is unpacked, in bytes.

    Raises:
        TooLargeError: It is greater; it was not unpacked any further.
    """
    kinds = _PACKED.get(encoding.strip().lower(), ())
    return next((whole for kind in kinds if (whole := _unpacked(content, kind, cap)) is not None), content)


def _unpacked(content: bytes, kind: int, cap: int) -> bytes | None:
    unpacker = zlib.decompressobj(kind)
    try:
        unpacked = unpacker.decompress(content, cap + 1)
    except zlib.error:
        return None
    if len(unpacked) > cap:
        raise TooLargeError
    return unpacked if unpacker.eof and not unpacker.unused_data else None


def _tls(settings: PlatformSettings) -> ssl.SSLContext | bool:
    """What certificates are checked against. Without https nothing is loaded: it would cost every run some 15 ms."""
    if URL(settings.base_url).scheme != "https":
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ValueError):
        raise wrong_setting("extra ca_file", "must be the path of a PEM file that can be read") from None


def retry_after_s(value: str | None, *, now: datetime, cap_s: float) -> float | None:
    """Seconds that the platform asks to be left alone, 0 to `cap_s`; None where it does not say so in HTTP's terms.

    Args:
        value: The header, in whole seconds or as an HTTP date.
        now: Aware moment that a date is counted from.
        cap_s: Longest wait that is honoured, in seconds.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), cap_s)
    until = http_date(value)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), cap_s)


def http_date(value: str) -> datetime | None:
    """The aware moment of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    # "-0000" and a missing zone; HTTP dates are in GMT
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
