"""Marked names, numbers, paths and a marked token go through success and every failure: nothing that is kept says them.

What a record is stored in (the body, the typed tables) holds it, and so does the platform. All else must not: logs
at DEBUG, exceptions and their tracebacks, results (XCom), the interaction log, messages, states.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.delivery_queue import DeliveryQueue, Lease, Result
from hotline_bridge.store.database import connect, connect_async
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID
from tests import warm
from tests.outbound.bridge import AREA, Bridge, call

if TYPE_CHECKING:
    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores

SCRIPT = Path(__file__).with_name("leaky_run.py")
NUMBER, NAME, PATH, TOKEN = "13977712345", "欧阳标记", "https://rec.invalid/markedpath.wav", "marked-token-5f2e"
MARKS = (NUMBER, NAME, "markedpath", TOKEN, "marked-password")
ECHO = {"kind": "code", "interface": "*", "code": "7001", "msg": "字段有误", "echo": True}


@pytest.fixture
def marked(postgres: Server, stores: Stores) -> Bridge:
    """Stores with marked rows in every log, and accounts whose password is a mark."""
    postgres.create_role("marked", "marked-password")
    docking = make_conninfo(stores.docking, user="marked", password="marked-password")
    local = make_conninfo(stores.local, user="marked", password="marked-password")
    bridge = Bridge(stores, None, None)  # type: ignore[arg-type]  # the run below has its own platform
    bridge.docking(
        "GRANT USAGE ON SCHEMA docking TO marked; GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA docking TO marked"
    )
    bridge.local("GRANT hotline_loader TO marked")
    bridge.write(call(1, callno=NUMBER), call(2, callno=NUMBER, calltype="9"), call(3, callno=f"{NAME} {NUMBER}"))
    recording = {"recordid": f"{AREA}1{AREA}000001", "callid": f"{AREA}000001", "recordname": f"{NAME}.wav"}
    times = {"begintime": "20261123080030", "endtime": "20261123080230"}
    bridge.write(
        {**recording, **times, "recordpath": PATH, "sourcearea": AREA, "calltype": "1"}, interface="recordinfo"
    )
    bridge.write(
        {"signid": f"{AREA}1120261123080030", "seatno": "11", "seatname": NAME, **times, "sourcearea": AREA},
        interface="seatsignin",
    )
    return Bridge(type(stores)(docking, local), None, None)  # type: ignore[arg-type]  # the same


def postgres_connection(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
    return json.dumps({"conn_type": "postgres", **{name: parts[ours] for name, ours in fields.items()}})


def run(marked: Bridge, base_url: str, token: str = TOKEN, **extras: object) -> str:
    """All that a run says."""
    environment = {
        "AIRFLOW_CONN_DOCKING_DB": postgres_connection(marked.stores.docking),
        "AIRFLOW_CONN_LOCAL_DB": postgres_connection(marked.stores.local),
        "AIRFLOW_CONN_PLATFORM_12315": platform_connection(base_url, DEFAULT_APP_ID, token, timeout_s=1, **extras),
    }
    code, said = warm.heard(SCRIPT, environment={**os.environ, **environment})
    assert code == 0, said
    return said


def kept(stores: Stores) -> str:
    """Everything in the local store but the records themselves."""
    bridge = Bridge(stores, None, None)  # type: ignore[arg-type]  # only its stores are asked
    rows = bridge.local("SELECT to_jsonb(d) - 'body' FROM hotline.delivery AS d")
    rows += bridge.local("SELECT to_jsonb(l) FROM hotline.interaction_log AS l")
    rows += bridge.local("SELECT to_jsonb(r) FROM hotline.run_log AS r")
    return json.dumps(rows, ensure_ascii=False)


def assert_no_mark(text: str) -> None:
    for mark in MARKS:
        assert mark not in text, f"{mark} stands in: …{text[max(0, text.find(mark) - 300) : text.find(mark) + 100]}…"


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [
        [],
        [ECHO],
        [{**ECHO, "kind": "status", "status": 400, "code": None, "msg": None}],
        [{"kind": "html", "interface": "*"}],
        [{"kind": "reset_after", "interface": "*"}],
        [{"kind": "truncated", "interface": "*"}],
        [{"kind": "unauthorized", "interface": "*"}],
        [{"kind": "hang", "interface": "*"}],
    ],
    ids=["success", "refused-echo", "400-echo", "html", "reset", "truncated", "unauthorized", "hang"],
)
def test_nothing_is_let_out(marked: Bridge, stores: Stores, faults: list[dict[str, object]]) -> None:
    with running_sandbox(token=TOKEN) as sandbox:
        sandbox.set_faults([{name: value for name, value in fault.items() if value is not None} for fault in faults])
        said = run(marked, sandbox.base_url)
        assert sandbox.history(), "the rows went to the platform"
    assert "took in" in said
    assert_no_mark(said)
    assert_no_mark(kept(stores))


@pytest.mark.slow
@pytest.mark.parametrize(
    "breakage",
    [
        # The server repeats the failing row in DETAIL and CONTEXT of its error: in intake, and in settling.
        f"ALTER TABLE hotline.call_log ADD CONSTRAINT no_mark CHECK (callno <> '{NUMBER}')",
        "ALTER TABLE hotline.interaction_log ADD CONSTRAINT no_log CHECK (attempt > 100)",
        "ALTER TABLE hotline.delivery ADD CONSTRAINT no_end CHECK (state <> 'delivered')",
        "DROP TABLE hotline.interaction_log CASCADE",
    ],
)
def test_database_errors_let_nothing_out(marked: Bridge, stores: Stores, breakage: str) -> None:
    Bridge(stores, None, None).local(breakage)  # type: ignore[arg-type]  # only its stores are asked
    with running_sandbox(token=TOKEN) as sandbox:
        said = run(marked, sandbox.base_url)
    assert "Traceback" in said or "is put aside" in said, "something failed, and was said"
    assert_no_mark(said)


@pytest.mark.slow
def test_connection_errors_let_nothing_out(marked: Bridge) -> None:
    with running_sandbox(token=TOKEN) as sandbox:
        assert_no_mark(run(marked, sandbox.base_url, token=f"{TOKEN}\n"))
        nowhere = Bridge(
            type(marked.stores)(
                make_conninfo(marked.stores.docking, port="1"), make_conninfo(marked.stores.local, dbname="nowhere")
            ),
            None,  # type: ignore[arg-type]  # only its stores are asked
            None,  # type: ignore[arg-type]  # the same
        )
        assert_no_mark(run(nowhere, sandbox.base_url))


def test_what_carries_a_body_does_not_show_it(bridge: Bridge) -> None:
    """Whatever prints these objects (an error report with local variables, a careless log line) prints no record."""
    bridge.write(call(1, callno=NUMBER), call(2, callno=NUMBER, calltype="9"))
    bridge.take_in()
    interface = contract()["callinfo"]

    async def claim() -> list[Lease]:
        async with await connect_async(bridge.stores.local) as local:
            return await DeliveryQueue(local, uuid4(), timedelta(minutes=1)).claim(interface, fresh=10, due=0)

    with connect(bridge.stores.local) as local:
        replayable = decisions.find_replayable(local, decisions.VersionFilter([interface]))
        quarantined = decisions.find_quarantined(local, decisions.QuarantineFilter())
    claimed = asyncio.run(claim())
    assert len(replayable) == len(quarantined) == len(claimed) == 1
    assert NUMBER.encode() in claimed[0].body
    assert_no_mark(repr([claimed, Result(claimed[0], []), replayable, quarantined, bridge.status(), bridge.platform]))


def test_this_test_would_see_a_leak(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("hotline_bridge").warning("row of %s", NUMBER)
    with pytest.raises(AssertionError, match=NUMBER):
        assert_no_mark(caplog.text)
