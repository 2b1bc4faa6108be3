"""The city's 12345, played as far as the eight steps of specification 4.1.2 go: orders, and what becomes of each.

It calls the gateway and reads the docking store as a vendor would, written apart from the bridge's own code.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.client import HTTPException
from typing import TYPE_CHECKING, cast
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from psycopg import Connection

_BEIJING = timezone(timedelta(hours=8))
_TIMEOUT_S = 30.0

STATES = ("已登记", "已分派到区县", "已分派到市场监管局", "已按签收", "已签收", "接收失败", "已回单")
"""What 12345 shows of an order, in the order of the steps."""
REGISTERED, COUNTY, BUREAU, SIGNING, SIGNED, FAILED, ANSWERED = STATES


class GatewayError(Exception):
    """The gateway did not do what it was asked for; the message is its `msg`, or says that it was not the gateway."""


@dataclass(slots=True)
class CityOrder:
    """One order in 12345."""

    kind: str
    """Interface that puts it, as `method` names it."""
    fields: Mapping[str, str] = field(repr=False)
    """What the agent who took the call wrote, by wire name; `regino` is its number."""
    assigned: str = REGISTERED
    signing_at: datetime | None = None
    receipt: tuple[str, str] | None = None
    """`state` and `message` of docking.order_status."""
    answer: str = field(default="", repr=False)

    @property
    def regino(self) -> str:
        """Its number."""
        return self.fields["regino"]

    @property
    def state(self) -> str:
        """What is shown of it."""
        if self.answer:
            return ANSWERED
        if self.receipt:
            return SIGNED if self.receipt[0] == "received" else FAILED
        return SIGNING if self.signing_at else self.assigned


class City:
    """12345 with some orders.

    Args:
        orders: Registered, and not assigned yet.
        gateway: Base URL of the gateway, without a slash at its end.
        app_id: Of this client.
        token: Its token.
        read: Opens a session on the docking store; closed after each look.
    """

    def __init__(
        self, orders: Iterable[CityOrder], gateway: str, app_id: str, token: str, read: Callable[[], Connection]
    ) -> None:
        self.orders = {order.regino: order for order in orders}
        self.gateway = gateway
        self._app_id, self._token = app_id, token
        self._read = read
        self._opener = build_opener(ProxyHandler({}))

    def assign(self, regino: str) -> None:
        """Steps 1 and 2: to the government of the county, then to its market supervision bureau."""
        order = self.orders[regino]
        order.assigned = {REGISTERED: COUNTY, COUNTY: BUREAU}.get(order.assigned, order.assigned)

    def sign_for(self, regino: str, operator: str, origin: str) -> str:
        """Step 3: the clerk of the bureau presses 签收, and the form opens.

        Args:
            regino: Of an order that is assigned to the bureau.
            operator: The clerk.
            origin: Of the page that embeds the form.

        Returns:
            The address to open, once.

        Raises:
            GatewayError: The gateway refused.
            OSError: It does not answer.
        """
        order = self.orders[regino]
        asked = {"method": order.kind, **order.fields, "operator": operator, "opener_origin": origin}
        data = cast("Mapping[str, str]", self._call("/embed/orders", asked))
        # The button stays: only the receipt of 12315 makes the order signed for (step 6).
        order.signing_at = datetime.now(_BEIJING)
        return data["url"]

    def look(self) -> None:
        """Steps 6 and 8: what the docking store says of the receipts and answers of all orders."""
        numbers = list(self.orders)
        with self._read() as docking:
            receipts = docking.execute(
                "SELECT regino, state, coalesce(message, '') FROM docking.order_status WHERE regino = any(%s)",
                [numbers],
            ).fetchall()
            answers = docking.execute(
                "SELECT regino, feedbackcontent FROM docking.feedback_exchange WHERE regino = any(%s) ORDER BY feetime",
                [numbers],
            ).fetchall()
        for regino, state, message in receipts:
            self.orders[regino].receipt = (state, message)
        for regino, content in answers:
            self.orders[regino].answer = content or "（没有文字）"

    def fetch(self) -> int:
        """Fetch feedback and acknowledge it (4.2.5 (1), (2)). Returns how many rows came.

        Raises:
            GatewayError: The gateway refused.
            OSError: It does not answer.
        """
        rows = cast("list[Mapping[str, str]]", self._call("/api/case/todocasefeedback"))
        for row in rows:
            if row["Region"] in self.orders:
                self.orders[row["Region"]].answer = row["Feedbackcontent"] or "（没有文字）"
        if rows:
            self._call("/api/case/callbackcasefeedback", {"regino": ",".join({row["Region"] for row in rows})})
        return len(rows)

    def said_by(self, body: bytes) -> str:
        """The header that signs a body: AppId&Token&MD5 of the day in Beijing and the body."""
        identity = f"{self._app_id}&{self._token}"
        if not body:
            return identity
        day = datetime.now(_BEIJING).strftime("%Y%m%d").encode()
        return f"{identity}&{hashlib.md5(day + b'-' + body, usedforsecurity=False).hexdigest()}"

    def _call(self, path: str, body: Mapping[str, str] | None = None) -> object:
        raw = json.dumps(body, ensure_ascii=False).encode() if body else b""
        headers = {"Authorization": self.said_by(raw), "Content-Type": "application/json;charset=utf-8"}
        request = Request(f"{self.gateway}{path}", raw, headers, method="POST")  # noqa: S310  (http of the gateway)
        try:
            try:
                with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
                    said = json.load(answer)
            except HTTPError as refused:
                with refused:
                    said = json.load(refused)
            code, msg, data = (said[name] for name in ("code", "msg", "data"))
        except (HTTPException, ValueError, LookupError, TypeError):
            raise GatewayError("应答不是网关的格式") from None  # of a proxy before it, or cut off
        if code != 0:
            raise GatewayError(msg)
        return data
