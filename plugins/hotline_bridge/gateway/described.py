"""What the OpenAPI document says of an interface, from the contract: fields, answers, codes, how a call is signed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.gateway.envelope import Code
from hotline_bridge.platform_client.request import sign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hotline_bridge.contract.model import Field, Interface

SCHEME = "AppIdTokenMD5"
UNREADABLE = r"\u0000-\u001f\u007f"
"""Characters that no text of a request may hold, as within a class of a regular expression."""
_UNREADABLE = re.compile(f"[{UNREADABLE}\ud800-\udfff]")
BLANKS = " \u3000"
"""What may stand around an order number."""
MOMENT = "YYYYMMDDhhmmss"
"""The format of a time of the contract, which the specification prints so."""
_BODY = '{"regino":"44020020261201000001"}'
_SIGNED = sign("0123456789abcdef", "token", _BODY.encode(), datetime(2026, 12, 1, 9, tzinfo=SHANGHAI))
SIGNATURE = f"""\
每次调用在请求头中带上 `AppId&Token&MD5(yyyymmdd-body)`（规范 4.8.2.1.3.2）：

1. 把要发送的报文体编码为 UTF-8 字节，之后不再改动。
2. 取北京时间当天的日期 `yyyymmdd`，接一个减号，再接这些字节，计算 MD5，写成 32 位十六进制（大小写均可）。
3. 用 `&` 连接 AppId、Token 和 MD5。没有报文体时只写 `AppId&Token`。

示例：AppId 为 `0123456789abcdef`，Token 为 `token`，2026 年 12 月 1 日发送 `{_BODY}` 时，请求头为
`{_SIGNED}`。

零点前后五分钟内，相邻一天的日期也予接受。Token 随每次调用明文传送，MD5 不含密钥：必须经 TLS 或专线调用。
"""


def unreadable(text: str) -> bool:
    """Whether a text of a request holds a character that it may not hold."""
    return bool(_UNREADABLE.search(text))


def described(interface: Interface) -> dict[str, Any]:
    """The arguments of `add_api_route` that describe an interface."""
    extra: dict[str, Any] = {"security": [{SCHEME: []}]}
    if interface.request:
        extra["requestBody"] = {
            "required": any(field.required for field in interface.request),
            "content": {"application/json": {"schema": _asked(interface.request)}},
        }
    issuc = _issuc(interface)
    if issuc:
        extra["x-issuc"] = issuc
    return {
        "summary": interface.title_zh,
        "description": f"规范 {interface.section}。{interface.description_zh}",
        "tags": ["4.2.5 反馈"],
        "response_model": None,
        "response_description": Code.DONE.msg,
        "responses": {200: answer_of([Code.DONE], _data(interface), Code.DONE.msg), **refusals(_refused(issuc))},
        "openapi_extra": extra,
    }


def document_parts(header: str) -> dict[str, Any]:
    """What the document says once for all interfaces.

    Args:
        header: Name of the header that carries the signature.
    """
    return {"securitySchemes": {SCHEME: {"type": "apiKey", "in": "header", "name": header, "description": SIGNATURE}}}


def refusals(data: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """By HTTP status: the answers of a call that was not done.

    Args:
        data: Schema of their `data`.
    """
    codes = [code for code in Code if code is not Code.DONE]
    statuses = {code.status: [other for other in codes if other.status == code.status] for code in codes}
    return {
        status: answer_of(of_status, data, "；".join(f"{one.number} {one.msg}" for one in of_status))
        for status, of_status in statuses.items()
    }


def _issuc(interface: Interface) -> str | None:
    """How the printed example spells the member that says whether it was done; the field table has it otherwise."""
    example = (interface.success_example or {}).get("data")
    return next(iter(example)) if isinstance(example, dict) and interface.answers_issuc else None


def answer_of(codes: Iterable[Code], data: dict[str, Any], words: str) -> dict[str, Any]:
    """How the document shows an answer with one of these codes."""
    schema = {
        "type": "object",
        "required": ["code", "msg", "data"],
        "additionalProperties": False,
        "properties": {
            "code": {"type": "integer", "enum": sorted({code.number for code in codes})},
            "msg": {"type": "string"},
            "data": data,
        },
    }
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _data(interface: Interface) -> dict[str, Any]:
    if issuc := _issuc(interface):
        return _done(issuc, "1")
    rows = schema_of(interface.response, [field.name for field in interface.response])
    return {"type": "array", "maxItems": interface.limits.max_rows, "items": {**rows, "additionalProperties": False}}


def _refused(issuc: str | None) -> dict[str, Any]:
    return _done(issuc, "0") if issuc else {"type": "null"}


def _done(issuc: str, value: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [issuc],
        "additionalProperties": False,
        "properties": {issuc: {"type": "string", "enum": [value], "description": "是否成功 1 成功 0 失败"}},
    }


def schema_of(fields: Iterable[Field], required: list[str]) -> dict[str, Any]:
    """The JSON schema of an object with these fields of the contract."""
    return {"type": "object", "required": required, "properties": {field.name: _member(field) for field in fields}}


def _asked(fields: Iterable[Field]) -> dict[str, Any]:
    """The body of a request; one that has no order number where it has to names nothing."""
    body = schema_of(fields, [field.name for field in fields if field.required])
    for field in fields:
        member = body["properties"][field.name]
        if not field.required:
            member["type"] = ["string", "null"]
        if field.kind != "time":
            some = f"[^{BLANKS},，{UNREADABLE}]"
            member["pattern"] = f"^[^{UNREADABLE}]*{some if field.required else ''}[^{UNREADABLE}]*$"
    return body


def _member(field: Field) -> dict[str, Any]:
    told = {"type": "string", "description": field.zh}
    if field.kind == "time":
        return {**told, "format": MOMENT}
    return {**told, **({"maxLength": field.limit} if field.limit else {})}
