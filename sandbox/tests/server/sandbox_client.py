"""A client for these tests: signs by hand, speaks HTTP over a plain socket, and believes nothing."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hotline_bridge.contract.reader import contract

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
"""The sandbox's clock in these tests, so that no test can straddle a real midnight."""
REPORTS = [name for name, interface in contract().items() if interface.kind == "report"]


def good_row(name: str) -> dict[str, Any]:
    """A row that keeps every printed rule of a report interface, made from the contract; every field is filled."""
    fields = {field.name: field for field in contract()[name].request}
    row: dict[str, str] = {}

    def fill(field_name: str) -> str:
        field = fields[field_name]
        if field_name not in row:
            if field.compose:
                row[field_name] = "".join("0001" if part == "*" else fill(part) for part in field.compose)
            elif field.codes:
                row[field_name] = next(iter(field.codes))
            elif field.format == "area":
                row[field_name] = "440203"
            else:
                texts = {"time": "20261124101112", "timestamp": "2026-11-24 10:11:12", "number": "168.50"}
                row[field_name] = texts.get(field.kind, "文"[: field.limit])
        return row[field_name]

    for field_name in fields:
        fill(field_name)
    return row


def body_of(name: str, row: dict[str, Any]) -> bytes:
    """The request body, with `method` where the interface is told apart by it."""
    dispatch = contract()[name].dispatch
    method = {dispatch.field: dispatch.value} if dispatch else {}
    return json.dumps({**method, **row}, ensure_ascii=False).encode(errors="backslashreplace")


@dataclass(frozen=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=10)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, method: str = "POST") -> Answered:
        """The next answer, as Python's own HTTP parser reads it."""
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        body = response.read()
        return Answered(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def rest(self) -> bytes:
        """All bytes until the other side closes."""
        data = b""
        while piece := self.socket.recv(65536):
            data += piece
        return data


@dataclass(frozen=True)
class Client:
    base_url: str
    identity: str = "sandbox&sandbox-token"

    def wire(self) -> Wire:
        return Wire(self.base_url)

    def request(
        self,
        path: str,
        body: bytes,
        *,
        day: str = "20261124",
        method: str = "POST",
        headers: str = "",
        length: bool = True,
    ) -> bytes:
        digest = hashlib.md5(day.encode() + b"-" + body).hexdigest()  # noqa: S324  (the protocol's own digest)
        size = f"Content-Length: {len(body)}\r\n" if length else ""
        start = f"{method} {path} HTTP/1.1\r\nHost: sandbox\r\n"
        return f"{start}Authorization: {self.identity}&{digest}\r\n{size}{headers}\r\n".encode() + body

    def report(self, name: str, row: dict[str, Any], **options: Any) -> bytes:
        return self.request(contract()[name].path, body_of(name, row), **options)

    def call(self, name: str, row: dict[str, Any], **options: Any) -> Answered:
        """One report on a connection of its own."""
        return self.exchange(self.report(name, row, **options))

    def exchange(self, data: bytes) -> Answered:
        with self.wire() as wire:
            wire.send(data)
            return wire.answer()
