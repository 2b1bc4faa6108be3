"""Opens and fills the order form as an agent's browser does; run by itself, it submits one, and may be killed."""

from __future__ import annotations

import html
import json
import os
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import httpx
from psycopg.conninfo import make_conninfo
from starlette.applications import Starlette

from hotline_bridge.gateway.clients import Client
from hotline_bridge.gateway.form_pages import Forms, FormStores
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.store.database import connect
from tests.fixtures import Stores
from tests.orders.order_bridge import COMPLAINT, OrderBridge

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline_bridge.store.database import Session

ORIGIN = "https://12345.example"
NUMBER = "G4402032026112400001"
SECRET = "隐私姓名"
CLIENT = Client(1, "市 12345", "a1", ("440200",), 2, (ORIGIN,), (b"",))


@dataclass(slots=True)
class Agent:
    """An agent of 12345."""

    stores: Stores
    open_docking: Callable[[], Session]
    policy: Policy = PLAIN
    client: Client = CLIENT
    _forms: Forms | None = field(default=None)

    @property
    def forms(self) -> Forms:
        if self._forms is None:
            as_gateway = make_conninfo(self.stores.local, options="-c role=hotline_gateway")
            self._forms = Forms(FormStores(lambda: connect(as_gateway), self._open_docking, lambda: self.policy))
        return self._forms

    def _open_docking(self) -> Session:
        return self.open_docking()

    def launch(self, **values: object) -> str:
        asked = {"method": COMPLAINT, "operator": "李四", "opener_origin": ORIGIN, **values}
        return anyio.run(self.forms.launch, self.client, asked)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            app = Starlette(routes=self.forms.routes())
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://gateway.example"
            ) as client:
                return await client.request(method, path, **more)

        return anyio.run(ask)

    def open(self, **values: object) -> httpx.Response:
        return self.ask("GET", self.launch(**values))

    def submit(self, form: dict[str, str], *, check: bool = False, **changes: str) -> httpx.Response:
        changed = {f"field-{name}": value for name, value in changes.items()}
        return self.ask("POST", "/embed/form", data={**form, **changed, **({"check": "on"} if check else {})})


def typed(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send of a form as it stands."""
    text = re.sub(r"\s+", " ", re.sub(r"<textarea.*?</textarea>", "", answer.text, flags=re.DOTALL))
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', text))
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', text):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    areas = re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', answer.text, flags=re.DOTALL)
    return {name: html.unescape(value) for name, value in {**found, **dict(areas)}.items()}


def launches(orders: OrderBridge) -> list[Any]:
    return orders.local("SELECT prefill, opened_at IS NOT NULL, submitted_at IS NOT NULL FROM hotline.form_launch")


def written(orders: OrderBridge, column: str = "complacontent") -> list[str]:
    rows = orders.docking(f"SELECT {column} FROM docking.complaint_order ORDER BY written_at")  # noqa: S608  (ours)
    return [value for (value,) in rows]


if __name__ == "__main__":
    stores = Stores(os.environ["DOCKING"], os.environ["LOCAL"])
    Agent(stores, lambda: connect(stores.docking)).submit(json.loads(sys.argv[1]))
