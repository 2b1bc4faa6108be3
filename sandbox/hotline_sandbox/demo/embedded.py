"""The eight steps of specification 4.1.2 in `make demo`: three orders go by the order form inside 12345, and come back.

12345 is played by `hotline_sandbox.city`, the gateway is the real `hotline gateway`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from rich.table import Table

from hotline_bridge.cli.output import render
from hotline_bridge.contract.reader import contract
from hotline_bridge.store.database import connect
from hotline_sandbox.city.agent import open_form, submit_form
from hotline_sandbox.city.invented import LEFT_TO_CLERK, invented_orders
from hotline_sandbox.city.orders import ANSWERED, City
from hotline_sandbox.demo.pinned import free_port
from hotline_sandbox.demo.stage import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotline_sandbox.demo.stage import Stage

ORIGIN = "http://12345.example"
"""Of 12345's page."""
NUMBER = "4402032026010100000098"
"""How the numbers begin: the same at every run, so that the bureau deals with them in the same way."""
_READY_S = 60.0


def submit(stage: Stage) -> list[str]:
    """Steps 1 to 4: orders are assigned, opened, prefilled, completed and submitted."""
    with step("form 受理页: 12345 分派、签收、补全、提交 (specification 4.1.2)"):
        added = stage.hotline("client", "add", "市 12345", "--area", "440200", "--origin", ORIGIN, "--json")
        client = json.loads(added.stdout)
        with running_gateway(stage) as gateway:
            city = City(
                invented_orders(2, NUMBER), gateway, client["app_id"], client["token"], lambda: connect(stage.docking)
            )
            problems = [problem for regino in city.orders for problem in _by_form(city, regino)]
    stage.cities.append(city)
    return problems


def _by_form(city: City, regino: str) -> Iterator[str]:
    order = city.orders[regino]
    city.assign(regino)
    city.assign(regino)
    address = city.sign_for(regino, "演示受理员", ORIGIN)
    form = open_form(address)
    wanted = {name: value.replace("\r\n", "\n") for name, value in order.fields.items() if value}
    if {name: form.values.get(f"field-{name}") for name in wanted} != wanted:
        yield f"{regino}: the form is not prefilled with what 12345 knows"
    if missing := {f"field-{name}" for name in LEFT_TO_CLERK} ^ set(form.missing):
        yield f"{regino}: the form marks other fields as missing: {', '.join(sorted(missing))}"
    done = submit_form(address, form, {"proaddr": "武江区新华南路 1 号", "accepregname": "演示受理员"})
    if done.submitted != regino:
        yield f"{regino}: the form was not taken"
    if submit_form(address, form, {}).submitted != regino:
        yield f"{regino}: a form that is sent twice is not told so"


def answered(stage: Stage) -> list[str]:
    """Steps 5 to 8: received, signed for, handled, answered."""
    [city] = stage.cities
    city.look()
    orders = list(city.orders.values())
    with connect(stage.local) as local:
        delivered: dict[str, int] = dict(
            local.execute(
                "SELECT key, count(*) FROM hotline.delivery WHERE state = 'delivered' AND key = any(%s) GROUP BY key",
                [list(city.orders)],
            ).fetchall()
        )
    table = Table(title="By the order form inside 12345 经 12345 中的受理页提交的工单", title_justify="left")
    for heading in (
        "order 工单",
        "kind 类型",
        "signed for 签收时间",
        "receipt 接收",
        "12345 shows 显示",
        "answer 回复",
    ):
        table.add_column(heading, overflow="fold")
    for order in orders:
        table.add_row(
            order.regino,
            contract()[order.kind].label_zh,
            f"{order.signing_at:%H:%M:%S}" if order.signing_at else "",
            order.receipt[0] if order.receipt else "",
            order.state,
            f"{order.answer[:20]}…" if order.answer else "",
        )
    render(table)
    problems = [
        f"{order.regino}: not received" for order in orders if not order.receipt or order.receipt[0] != "received"
    ]
    problems += [f"{order.regino}: sent {n} times" for order in orders if (n := delivered.get(order.regino, 0)) != 1]
    if not any(order.state == ANSWERED for order in orders):
        problems.append("no order of the form is answered, so nothing was shown")
    return problems


@contextmanager
def running_gateway(stage: Stage) -> Iterator[str]:
    """The base URL of a gateway on both stores, which ends with the block."""
    port = free_port(0)
    log = stage.folder / "gateway.log"
    command = [sys.executable, "-m", "hotline_bridge.cli.main", "gateway", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=stage.home.environment, stdout=output, stderr=output)  # noqa: S603
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(f"{base}/ready", process, log)
            yield base
        finally:
            process.terminate()
            process.wait(40)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    opener = build_opener(ProxyHandler({}))
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with opener.open(address, timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"the gateway does not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
