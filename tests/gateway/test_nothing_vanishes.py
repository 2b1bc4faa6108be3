"""No feedback vanishes unoffered, and none is offered after it was acknowledged: whatever happens in between."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg.conninfo import make_conninfo

from hotline_bridge import failpoints
from hotline_bridge.failpoints import GATEWAY_FAILPOINTS
from tests.examples import examples
from tests.gateway.conftest import Caller, add_feedback, feed_back, new_client, running_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

A = "44020020261201000001"
ORDERS = st.sampled_from([f"4402002026120100000{number}" for number in range(4)])
TABLES = st.sampled_from(["case_feedback", "complaint_feedback", "report_feedback", "consultation_feedback"])


class Feedback(RuleBasedStateMachine):
    """12345 against the model: what was stored and not acknowledged since it was offered, is offered."""

    store: str
    address: str
    http: httpx.Client

    @initialize()
    def begin(self) -> None:
        self.session = psycopg.connect(self.store, autocommit=True)
        self.session.execute(
            "TRUNCATE hotline.case_feedback, hotline.complaint_feedback, hotline.report_feedback,"
            " hotline.consultation_feedback, hotline.feedback_offer, hotline.gateway_token, hotline.gateway_client"
            " CASCADE"
        )
        self.caller = Caller(self.address, new_client(self.store, "12345"), self.http)
        self.waiting: dict[str, str] = {}
        """Order by the words of a feedback, in the order in which they came."""
        self.offered: set[str] = set()
        self.number = 0

    def teardown(self) -> None:
        failpoints.at = None
        if hasattr(self, "session"):
            self.session.close()

    @rule(order=ORDERS, table=TABLES, many=st.integers(1, 3))
    def arrives(self, order: str, table: str, many: int) -> None:
        for _ in range(many):
            self.number += 1
            add_feedback(self.session, (order,), f"第 {self.number} 条", table)
            self.waiting[f"第 {self.number} 条"] = order

    @rule()
    def is_fetched(self) -> None:
        rows = [(row["Feedbackcontent"], row["Region"]) for row in self.caller.fetch()]
        assert rows == [*self.waiting.items()]
        self.offered |= {content for content, _ in rows}

    @rule()
    def is_fetched_in_vain(self) -> None:
        """The answer is lost on its way."""
        with interrupted("feedback-offered"):
            assert self.caller.ask("todocasefeedback").status_code == 500
        self.offered |= set(self.waiting)

    @rule(orders=st.lists(ORDERS, min_size=1), is_lost=st.booleans())
    def is_acknowledged(self, orders: list[str], is_lost: bool) -> None:
        if is_lost:
            with interrupted("feedback-cleared"):
                assert self.caller.ask("callbackcasefeedback", b'{"regino":"%b"}' % ",".join(orders).encode())
        else:
            self.caller.acknowledge(*orders)
        self.waiting = {
            content: order
            for content, order in self.waiting.items()
            if order not in orders or content not in self.offered
        }

    @invariant()
    def what_waits_is_counted(self) -> None:
        if hasattr(self, "caller"):
            [(waiting, offered)] = self.session.execute(
                "SELECT count(*), count(offered_at) FROM hotline.feedback_offer WHERE acknowledged_at IS NULL"
            ).fetchall()
            assert (waiting, offered) == (len(self.waiting), len(self.offered & set(self.waiting)))


@contextmanager
def interrupted(step: str) -> Iterator[None]:
    """What was done is committed, and nobody is told."""

    def at(reached: str) -> None:
        if reached == step:
            raise InterruptedError

    failpoints.at = at
    try:
        yield
    finally:
        failpoints.at = None


def test_fetch_new_feedback_acknowledge(local_store: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_bridge.gateway.store._KNOWN_FOR_S", 0.0)
    with running_gateway(local_store) as address:
        machine = type("OnThisStore", (Feedback,), {"store": local_store, "address": address, "http": http})
        run_state_machine_as_test(
            machine, settings=settings(max_examples=examples(80), stateful_step_count=15, deadline=None)
        )


@contextmanager
def process(store: str, step: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    as_gateway = make_conninfo(store, options="-c role=hotline_gateway")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.killed_gateway", step, as_gateway, str(descriptor)],
            pass_fds=[descriptor],
        )
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", started
        finally:
            started.kill()
            started.wait()


@pytest.mark.parametrize(("step", "left"), [*zip(GATEWAY_FAILPOINTS, [1, 0], strict=True)])
def test_a_kill_between_what_was_done_and_its_answer(
    local_store: str, http: httpx.Client, step: str, left: int
) -> None:
    given = new_client(local_store, "12345")
    feed_back(local_store, A)
    if step == "feedback-cleared":
        with running_gateway(local_store) as address:
            assert len(Caller(address, given, http).fetch()) == 1
    with process(local_store, step) as (address, killed):
        caller = Caller(address, given, http)
        body: dict[str, Any] = {"body": b'{"regino":"%b"}' % A.encode()} if step == "feedback-cleared" else {}
        with pytest.raises(httpx.TransportError):
            caller.ask("callbackcasefeedback" if body else "todocasefeedback", **body)
        assert killed.wait(30) == -signal.SIGKILL
    with running_gateway(local_store) as address:
        assert len(Caller(address, given, http).fetch()) == left


def test_a_stop_lets_calls_in_hand_end(local_store: str, http: httpx.Client) -> None:
    """Told to stop while it answers, the process answers, writes its log and ends with 0."""
    given = new_client(local_store, "12345")
    feed_back(local_store, A)
    with process(local_store, "none") as (address, served), psycopg.connect(local_store) as holding:
        caller = Caller(address, given, http)
        assert len(caller.fetch()) == 1
        holding.execute("SELECT FROM hotline.gateway_client FOR UPDATE")
        with httpx.Client(timeout=30, trust_env=False) as waiting, ThreadPoolExecutor(1) as pool:
            answer = pool.submit(Caller(address, given, waiting).acknowledge, A)
            with psycopg.connect(local_store, autocommit=True) as looking:
                while not looking.execute(_WAITS).fetchone():
                    assert not answer.done()
            served.send_signal(signal.SIGTERM)
            holding.commit()
            assert answer.result(20)["msg"] == "成功"
        assert served.wait(20) == 0
    with psycopg.connect(local_store) as session:
        [(logged,)] = session.execute("SELECT count(*) FROM hotline.interaction_log").fetchall()
    assert logged == 2


_WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
