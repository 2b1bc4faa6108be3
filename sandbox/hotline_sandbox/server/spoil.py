"""Faults that change what an answer says. What they do to the connection is in `wire.py`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotline_sandbox.server.answers import SUCCESS_ZH, Answer, envelope, refusal
from hotline_sandbox.server.faults import ROW_KINDS, VARIANTS, DataForm, Fault, Kind, Variant

if TYPE_CHECKING:
    import random

    from hotline_bridge.contract.model import Interface

SILENT: frozenset[Kind] = frozenset({"hang", "reset_before", "reset_after", "garbage"})
"""Kinds after which no HTTP status reaches the client."""

_LOGIN_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>统一身份认证</title></head>
<body><form action="/login" method="post">
<input name="user"><input name="password" type="password"></form></body></html>
"""
_PAGE_UTF8 = "text/html;charset=UTF-8"
UNAUTHORIZED_ZH = "身份校验未通过"


@dataclass(frozen=True, slots=True)
class Spoiling:
    """One fault at work on one call."""

    fault: Fault
    random: random.Random
    honest: Answer
    interface: Interface | None
    twisted: Callable[[], Answer]
    """The answer with its rows changed as the fault says; the honest one where there are no rows."""
    request_values: Callable[[], str]
    """What the request held, for platforms that repeat it."""

    @property
    def message(self) -> str:
        """The fault's message, with the request's values behind it where it echoes."""
        return f"{self.fault.msg} {self.request_values()}" if self.fault.echo else self.fault.msg

    @property
    def success_code(self) -> int | str:
        """The success code of the interface that was called."""
        return 0 if self.interface is None else self.interface.success_code


def spoil(case: Spoiling) -> Answer:
    """The answer that the fault makes of the honest one; `code` is None where the client finds no envelope."""
    if act := _CONTENT.get(case.fault.kind):
        return act(case)
    if case.fault.kind in SILENT | {"truncated", "huge"}:
        return replace(case.honest, code=None)
    return case.honest


def unauthorized() -> Answer:
    """The refusal of a header that does not match (protocol: the header value)."""
    return refusal("401", UNAUTHORIZED_ZH, status=401)


def _status(case: Spoiling) -> Answer:
    fault = case.fault
    answer = refusal(str(fault.status), case.message, status=fault.status)
    if fault.retry_after is None:
        return answer
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(fault.retry_after))))


def _code(case: Spoiling) -> Answer:
    data = None if case.fault.issuc is None else {"issuc": case.fault.issuc}
    return Answer(200, case.fault.code, envelope(case.fault.code, case.message, data))


def _issuc(case: Spoiling) -> Answer:
    return Answer(200, case.success_code, envelope(case.success_code, SUCCESS_ZH, {"issuc": "0"}))


def _charset(case: Spoiling) -> Answer:
    """GBK bytes under a label that says UTF-8: not to be decoded as what they claim to be."""
    text = case.honest.body.decode("utf-8").encode("gbk", errors="replace")
    return replace(case.honest, body=text, code=None)


def _data(case: Spoiling) -> Answer:
    if case.honest.refused:
        return case.honest
    said = json.loads(case.honest.body)
    data = said.pop("data")
    first = data[0] if isinstance(data, list) and data else {}
    forms: dict[DataForm, dict[str, object]] = {
        "absent": {},
        "null": {"data": None},
        "object": {"data": first},
        "text": {"data": json.dumps(data)},
    }
    body = json.dumps({**said, **forms[case.fault.form]}, ensure_ascii=False, separators=(",", ":"))
    return replace(case.honest, body=body.encode("utf-8", errors="backslashreplace"))


def _malformed(case: Spoiling) -> Answer:
    variant = case.random.choice(VARIANTS) if case.fault.variant is None else case.fault.variant
    whole = envelope(case.success_code, SUCCESS_ZH, {"issuc": "1"})
    return Answer(200, None, _VARIANTS[variant](whole, case.success_code))


def _duplicate_keys(_whole: bytes, code: int | str) -> bytes:
    """Failure or success, depending on which of two equal names a reader believes."""
    text = f'{{"code":"9999","code":{json.dumps(code)},"msg":"","data":{{"issuc":"0","issuc":"1"}}}}'
    return text.encode()


_VARIANTS: dict[Variant, Callable[[bytes, int | str], bytes]] = {
    "null": lambda _whole, _code: b"null",
    "list": lambda _whole, _code: b"[]",
    "cut": lambda whole, _code: whole[: len(whole) // 2],
    "bom": lambda whole, _code: b"\xef\xbb\xbf" + whole,
    "two_documents": lambda whole, _code: whole + whole,
    "nan": lambda _whole, _code: b'{"code":NaN,"msg":"","data":{"issuc":"1"}}',
    "duplicate_keys": _duplicate_keys,
}

_CONTENT: dict[Kind, Callable[[Spoiling], Answer]] = {
    "status": _status,
    "unauthorized": lambda _case: unauthorized(),
    "html": lambda _case: Answer(200, None, _LOGIN_PAGE.encode(), content_type=_PAGE_UTF8),
    "empty": lambda _case: Answer(200, None, b""),
    "redirect": lambda case: Answer(302, None, b"", headers=(("Location", case.fault.location),)),
    "malformed": _malformed,
    "charset": _charset,
    "code": _code,
    "issuc": _issuc,
    "data": _data,
    **dict.fromkeys(ROW_KINDS, lambda case: case.twisted()),
}
