"""Everything that the bridge does, flow by flow, as its DAGs and its gateway do it; run by itself, it is one flow."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING

import httpx

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import HotlineError
from hotline_bridge.gateway.clients import Given
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.tasks import inbound, outbound
from hotline_bridge.tasks.publish import publish_tables
from hotline_bridge.tasks.reconcile import reconcile
from tests.die_at import die_at
from tests.gateway.conftest import Caller, running_gateway

if TYPE_CHECKING:
    from collections.abc import Callable

TOLD = 3
"""How a process ends whose flow failed as it may: with an error that says what to do."""
CLIENT, DAYS = "CHAOS_CLIENT", "CHAOS_DAYS"
"""Variables: who 12345 is to the gateway, and the days that are reconciled, whatever day it becomes meanwhile."""
BUDGET_S = 30.0


def _report(flow: str) -> None:
    names = [interface.name for interface in interfaces_of(flow)]
    outbound.take_in(names, budget_s=BUDGET_S)
    outbound.deliver(names, budget_s=BUDGET_S)


def _collect(flow: str, *, repair: bool = False) -> None:
    names = [interface.name for interface in interfaces_of(flow) if interface.kind == "query"]
    inbound.collect(names, repair=repair, budget_s=BUDGET_S)


def _drain() -> None:
    drains = [interface.name for interface in interfaces_of("feedback") if interface.kind == "drain"]
    inbound.drain_feedback(drains, budget_s=BUDGET_S)


def _gateway() -> None:
    """12345 fetches what waits, and acknowledges what it got."""
    given = Given(**json.loads(os.environ[CLIENT]))
    with running_gateway(conninfo("local_db")) as address, httpx.Client(timeout=10, trust_env=False) as http:
        caller = Caller(address, given, http)
        for _ in range(20):
            answer = caller.ask("todocasefeedback")
            rows = answer.json()["data"] if answer.status_code == 200 else []
            if not rows:
                return
            numbers = ",".join(dict.fromkeys(row["Region"] for row in rows))
            caller.ask("callbackcasefeedback", json.dumps({"regino": numbers}).encode())


FLOWS: dict[str, Callable[[], object]] = {
    "telephony": lambda: _report("telephony"),
    "order": lambda: _report("order"),
    "case": lambda: _collect("case"),
    "process": lambda: _collect("process"),
    "feedback": _drain,
    "repair": lambda: _collect("feedback", repair=True),
    "publish": publish_tables,
    "gateway": _gateway,
    "reconcile": lambda: reconcile(*os.environ[DAYS].split(), budget_s=BUDGET_S),
}
"""In an order in which one run after the other finds its work."""


if __name__ == "__main__":
    flow, step, after = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    if step:
        die_at(step, after=int(after))
    try:
        FLOWS[flow]()
    except (HotlineError, httpx.TransportError) as error:
        logging.getLogger(flow).warning("%s", error)
        sys.exit(TOLD)
