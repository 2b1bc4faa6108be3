"""The gateway under load, beside bare FastAPI that returns the same answers as constants: `--only gateway`.

Each server runs in a process of its own and is asked by the same callers over the same number of connections; all share
the machine's cores. What is compared is the best of the tries, and beside it the CPU of a call, which other load leaves
alone.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import psycopg
import uvicorn
import uvloop
from fastapi import FastAPI
from psycopg.conninfo import make_conninfo

from bench.findings import Finding, at_least, at_most, rate
from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.clients import add_client
from hotline_bridge.gateway.serve import server
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.platform_client.request import sign
from hotline_bridge.store.database import connect, connect_async
from hotline_sandbox.demo.airflow import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.gateway.clients import Given
    from hotline_sandbox.demo.postgres import Server

CALLERS = 16
"""Connections, each with one call in flight."""
_LEAST_RATIO = 0.3
_DRIPPING = 50
_TURNS = 5
"""Of a comparison whose other side comes and goes."""
_FETCH, _QUERY = "/api/case/todocasefeedback", "/api/case/casefeedback"
_WORDS = "经调解，双方达成一致，经营者退还货款并当面致歉。" * 8
_FILL = """
INSERT INTO hotline.case_feedback (
    region, feetime, feedbackname, feedbacktel, feedbackarea, feedbackcontent, content_hash, source, requested_at
)
SELECT '44020020261201' || lpad(n::text, 6, '0'), now(), '王经办', '07511234567', '某区市场监督管理局', %s,
    sha256(n::text::bytea), 'bench', now()
FROM generate_series(1, %s) AS n
"""


def measure_gateway(postgres: Server, *, rows: int, calls: int, tries: int) -> list[Finding]:
    """500-row fetches and queries of one order a second, memory over many calls, and a caller that does not read.

    Args:
        postgres: With the database `local`, empty.
        rows: Feedback in the store.
        calls: Over which memory has to stay flat.
        tries: Of which the best counts.
    """
    postgres.drop_database("local_gateway")
    postgres.create_database("local_gateway", template="local")
    store = postgres.conninfo("local_gateway")
    with connect(store) as local:
        given = add_client(local, "12345", ["440200"])
    with psycopg.connect(store, autocommit=True) as session:
        session.execute(_FILL, (_WORDS, rows))
        session.execute("VACUUM ANALYZE")
    as_gateway = make_conninfo(store, options="-c role=hotline_gateway")
    one = json.dumps({"regino": f"44020020261201{rows // 2:06d}"}).encode()
    findings = []
    with running("ours", as_gateway) as ours:
        answers = {path: ask(ours.address, given, path, body) for path, body in ((_FETCH, b""), (_QUERY, one))}
        assert [len(answer["data"]) for answer in answers.values()] == [500, 1]
        with running("bare", json.dumps(answers)) as bare:
            for name, path, body, amount in (
                ("500-row fetches", _FETCH, b"", 500),
                ("queries of one order", _QUERY, one, 5_000),
            ):
                asked = request(given, path, body)
                mine, theirs = [], []
                for _ in range(tries):
                    mine.append(load(ours, asked, amount))
                    theirs.append(load(bare, asked, amount))
                best, other = (max(loads, key=lambda one: one.per_s) for loads in (mine, theirs))
                findings += [
                    rate(f"gateway: {name}", [one.per_s for one in mine], note=best.told),
                    rate("the same of bare FastAPI", [one.per_s for one in theirs], note=other.told),
                    at_least(f"{name}, to bare FastAPI", best.per_s / other.per_s, _LEAST_RATIO),
                    Finding("the same by CPU of the servers", f"{other.cpu_ms / best.cpu_ms:.2f}"),
                ]
        findings += _slow_caller(ours, given, one)
        findings += _dripping_callers(ours, given, one)
        findings += _memory(ours, given, one, calls)
        findings.append(_nothing_lost(store))
    return findings


def _nothing_lost(store: str) -> Finding:
    with psycopg.connect(store) as session:
        [(calls, others)] = session.execute(
            "SELECT count(*), count(*) FILTER (WHERE outcome <> 'served') FROM hotline.interaction_log WHERE key <> ''"
        ).fetchall()
    lost = _asked - calls
    return Finding("calls that are not in the log, or not served", f"{lost + others}", "0", lost + others == 0)


def _slow_caller(ours: Running, given: Given, one: bytes) -> list[Finding]:
    asked = request(given, _QUERY, one)
    alone, beside = [], []
    for _ in range(_TURNS):
        alone.append(load(ours, asked, 3_000))
        with _still(ours, given):
            beside.append(load(ours, asked, 3_000))
    least = [min(one.p95_ms for one in loads) for loads in (alone, beside)]
    note = f"{least[0]:.0f} and {least[1]:.0f} ms, the best of {_TURNS} each, in turns"
    return [at_most("p95 beside 50 callers that do not read, to alone", least[1] / least[0], 1.5, note=note)]


def _dripping_callers(ours: Running, given: Given, one: bytes) -> list[Finding]:
    asked, within_s = request(given, _QUERY, one), GatewaySettings().body_within_s
    alone, beside = load(ours, asked, 3_000), []
    with _dripping(ours) as cut_off_after:
        give_up_at = time.perf_counter() + 10 * within_s
        while len(cut_off_after) < _DRIPPING and time.perf_counter() < give_up_at:
            beside.append(load(ours, asked, 3_000))
    lasted = max(cut_off_after) if len(cut_off_after) == _DRIPPING else math.inf
    ratio = min(one.p95_ms for one in beside) / alone.p95_ms
    dripping = f"{_DRIPPING} callers that drip"
    return [
        at_most(f"p95 beside {dripping}, to alone", ratio, 1.5, note=f"the best of {len(beside)} rounds"),
        at_most(f"{dripping}, until the last is cut off", lasted, within_s + 2, " s"),
    ]


@contextmanager
def _dripping(ours: Running) -> Iterator[list[float]]:
    """Callers that send a byte of a head, or of a body, twice a second; yields the seconds until each was cut off."""
    body = f"POST {_QUERY} HTTP/1.1\r\nHost: bench\r\nContent-Length: 9999\r\n\r\n".encode()
    cut_off_after: list[float] = []
    done = threading.Event()

    def drip() -> None:
        left = {
            socket.create_connection(ours.address): begun for begun in (b"POST /", body) for _ in range(_DRIPPING // 2)
        }
        began = time.perf_counter()
        for connection, begun in left.items():
            connection.sendall(begun)
        while left and not done.wait(0.5):
            for connection in [*left]:
                try:
                    connection.send(b"x")
                except OSError:
                    cut_off_after.append(time.perf_counter() - began)
                    connection.close()
                    del left[connection]

    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        yield cut_off_after
    finally:
        done.set()
        dripper.join()


@contextmanager
def _still(ours: Running, given: Given) -> Iterator[None]:
    """Fifty callers that ask for 500 rows and read none of them; their answers are made already."""
    with ExitStack() as stack:
        still = [stack.enter_context(socket.socket()) for _ in range(50)]
        for connection in still:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(ours.address)
            connection.sendall(request(given, _FETCH, b""))
            _count(1)
        for connection in still:
            connection.recv(1, socket.MSG_PEEK)
        yield


def _memory(ours: Running, given: Given, one: bytes, calls: int) -> list[Finding]:
    load(ours, request(given, _QUERY, one), calls // 10)
    before = ours.rss()
    load(ours, request(given, _QUERY, one), calls)
    grown = (ours.rss() - before) / 2**20
    return [at_most(f"memory grown over {calls:,} calls", grown, 5.0, " MB", note=f"{ours.rss() / 2**20:.0f} MB")]


_asked = 0
"""Calls of our own server."""


def _count(calls: int) -> None:
    global _asked  # noqa: PLW0603
    _asked += calls


@dataclass(frozen=True, slots=True)
class Load:
    """What a load found."""

    per_s: float
    p95_ms: float
    cpu_ms: float
    """Of the server's process, a call."""

    @property
    def told(self) -> str:
        """For the table."""
        return f"p95 {self.p95_ms:.0f} ms, CPU {self.cpu_ms:.2f} ms a call"


def load(server: Running, asked: bytes, amount: int) -> Load:
    """Send the same call again and again over some connections; every answer has to be a 200."""
    if server.is_ours:
        _count(amount)
    before = server.cpu_s()
    seconds, took = uvloop.run(_load(server.address, asked, amount))
    took.sort()
    return Load(
        amount / seconds, took[int(len(took) * 0.95)] * 1000, max(1e-9, server.cpu_s() - before) * 1000 / amount
    )


async def _load(address: tuple[str, int], asked: bytes, amount: int) -> tuple[float, list[float]]:
    left = amount
    took: list[float] = []

    async def call() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection(*address, limit=2**24)
        while left > 0:
            left -= 1
            began = time.perf_counter()
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            took.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(call())
    return time.perf_counter() - began, took


def request(given: Given, path: str, body: bytes) -> bytes:
    """A call as it stands on the wire."""
    signature = sign(given.app_id, given.token, body, datetime.now(UTC))
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {signature}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def ask(address: tuple[str, int], given: Given, path: str, body: bytes) -> dict[str, Any]:
    """One answer."""
    _count(1)
    headers = {"authorization": sign(given.app_id, given.token, body, datetime.now(UTC))}
    answer = httpx.post(
        f"http://{address[0]}:{address[1]}{path}", content=body, headers=headers, trust_env=False, timeout=60
    )
    return dict(answer.raise_for_status().json())


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a process of its own."""

    address: tuple[str, int]
    process: psutil.Process
    is_ours: bool

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss(self) -> int:
        """Bytes of memory."""
        return int(self.process.memory_info().rss)


@contextmanager
def running(which: str, given: str) -> Iterator[Running]:
    """One of the two servers."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        started = subprocess.Popen(
            [sys.executable, "-m", "bench.gateway", which, str(listening.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            cwd=PROJECT,
        )
        assert started.stdin
        started.stdin.write(given.encode())
        started.stdin.close()
        try:
            yield Running(listening.getsockname(), psutil.Process(started.pid), which == "ours")
        finally:
            started.terminate()
            started.wait(40)


def bare(answers: dict[str, Any]) -> FastAPI:
    """The same paths and answers, in the fewest lines."""
    app = FastAPI()

    def constant(answer: Any) -> Any:  # noqa: ANN401
        async def give() -> Any:  # noqa: ANN401
            return answer

        return give

    for path, answer in answers.items():
        app.post(path)(constant(answer))
    return app


def serve(which: str, descriptor: int, given: str) -> None:
    """Serve one of the two on a socket that listens already."""
    if which == "ours":
        settings = GatewaySettings(calls_per_s=1e9, calls_burst=10**9, calls_at_once=200)
        serving = server(make_gateway(settings, partial(connect_async, given)), settings)
    else:
        serving = uvicorn.Server(uvicorn.Config(bare(json.loads(given)), access_log=False, log_level="warning"))
    uvloop.run(serving.serve([socket.socket(fileno=descriptor)]))


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.stdin.read())
