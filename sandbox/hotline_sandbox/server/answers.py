"""Answers of the platform: the envelope {code, msg, data} (protocol: the answer envelope) and its way onto the wire.

The appendix of answer codes is not part of the specification. Only the success codes are printed; every other code here
is the sandbox's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Final

Code = int | str

MALFORMED: Final = "1000"
RULE_BROKEN: Final = "1001"
UNKNOWN_METHOD: Final = "1002"
REPEATED: Final = "1003"
WINDOW: Final = "1004"
TOO_MANY: Final = "1005"

SUCCESS_ZH: Final = "成功"
JSON_UTF8: Final = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back for one call."""

    status: int
    code: Code | None
    """The envelope's code, or None where no envelope is sent."""
    body: bytes
    stored: bool = False
    refused: bool = False
    content_type: str = JSON_UTF8
    headers: tuple[tuple[str, str], ...] = field(default=())
    rows: int | None = None
    """How many rows `data` holds, where it holds rows."""


def envelope(code: Code, msg: str, data: object) -> bytes:
    """The envelope as UTF-8 JSON; a lone surrogate in `msg` is escaped, as JSON allows it and UTF-8 does not."""
    text = json.dumps({"code": code, "msg": msg, "data": data}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", errors="backslashreplace")


def success(code: Code, data: object, *, stored: bool) -> Answer:
    """HTTP 200 with the interface's success code."""
    return Answer(200, code, envelope(code, SUCCESS_ZH, data), stored=stored)


def refusal(code: Code, msg: str, data: object = None, *, status: int = 200) -> Answer:
    """A call that is not carried out: a business refusal (HTTP 200) or one of HTTP."""
    headers = (("Allow", "POST"),) if status == HTTPStatus.METHOD_NOT_ALLOWED else ()
    return Answer(status, code, envelope(code, msg, data), refused=True, headers=headers)


@lru_cache(maxsize=1024)
def _head(status: int, content_type: str, length: int | None, headers: tuple[tuple[str, str], ...]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = [f"HTTP/1.1 {status} {phrase}", "Server: hotline-sandbox", f"Content-Type: {content_type}", size]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "Date: "]).encode("latin-1")


def head_bytes(answer: Answer, http_date: bytes, *, keep_alive: bool, chunked: bool = False) -> bytes:
    """Status line and headers, with the empty line that ends them."""
    start = _head(answer.status, answer.content_type, None if chunked else len(answer.body), answer.headers)
    return start + http_date + (b"\r\n\r\n" if keep_alive else b"\r\nConnection: close\r\n\r\n")
