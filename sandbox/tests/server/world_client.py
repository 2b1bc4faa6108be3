"""Orders and calls for the tests of the world."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hotline_bridge.contract.model import Field
from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.world.orders import Order, Shown
from hotline_sandbox.shown import REGISTERED, interfaces_showing
from sandbox.tests.server.sandbox_client import Client

TABLES = interfaces_showing()
QUERIES = [name for name, interface in contract().items() if interface.kind == "query"]
DRAINS = [name for name, interface in contract().items() if interface.kind == "drain"]
CASES = ["getTsBusiCaseInfoData", "getJbBusiCaseInfoData", "getZxBusiCaseInfoData"]
DAY = ("20261124000000", "20261124235959")
_EIGHT = datetime(2026, 11, 24, 8, tzinfo=ZoneInfo("Asia/Shanghai"))


def at(second: int) -> str:
    """So many seconds past eight o'clock of that day."""
    return f"{_EIGHT + timedelta(seconds=second):%Y%m%d%H%M%S}"


def value_of(field: Field) -> str:
    """A text that keeps the printed rules of a field of an answer."""
    if field.codes:
        return next(iter(field.codes))
    texts = {"time": "20261124101112", "timestamp": "2026-11-24 10:11:12", "date": "2026-11-24"}
    return texts.get(field.kind, "文"[: field.limit])


def row_of(table: str, **other: object) -> dict[str, object]:
    """A row of a table, without what the platform fills in: the order's number and registration."""
    interface = TABLES[table][0]
    own = {interface.key, REGISTERED}
    return {field.name: value_of(field) for field in interface.response if field.name not in own} | other


def order(regino: str, registered: str = "20261124101112", *tables: str, **other: object) -> Order:
    """An order with one row in each table (complaint_case by default)."""
    rows = [Shown(table=table, row=row_of(table, **other)) for table in tables or ("complaint_case",)]
    return Order(regino=regino, registered=registered, rows=rows)


def ask(client: Client, name: str, begin: str = DAY[0], end: str = DAY[1], **other: object) -> Any:
    """The envelope of a query over a window."""
    times = [field.name for field in contract()[name].request][-2:]
    return client.call(name, dict(zip(times, (begin, end), strict=True)) | other).json


def rows(client: Client, name: str, begin: str = DAY[0], end: str = DAY[1], **other: object) -> Any:
    """The rows of a query over a window."""
    answered = ask(client, name, begin, end, **other)
    assert answered["code"] == 0, answered
    return answered["data"]


def numbers(found: list[dict[str, object]], name: str) -> list[object]:
    """The order numbers of rows that an interface gave."""
    return [row[str(contract()[name].key)] for row in found]


def drain(client: Client, name: str) -> Any:
    """The rows of a drain."""
    answered = client.call(name, {}).json
    assert answered["code"] == 0, answered
    return answered["data"]


def acknowledge(client: Client, name: str, *reginos: str) -> Any:
    """The envelope of an acknowledgement of what a drain gave."""
    target = contract()[str(contract()[name].acknowledged_by)]
    return client.call(target.name, {str(target.key): ",".join(reginos)}).json
