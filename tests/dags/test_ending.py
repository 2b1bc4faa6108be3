"""A task's timeout ends it whatever it is in: an event loop swallows the alarm's exception, and psycopg waits on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from contextvars import ContextVar
from typing import TYPE_CHECKING

import psycopg
import pytest
import uvloop
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout

from hotline_bridge.ending import ended_early, run_apart
from hotline_bridge.errors import GivenUp, StopRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def silent() -> Iterator[int]:
    """Port of a server that takes connections, and never says a word: what a frozen one looks like from outside."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


async def listen(port: int) -> None:
    reader, _writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.read()


HANGS: dict[str, Callable[[int], object]] = {
    "uvloop": lambda port: uvloop.run(listen(port)),
    "asyncio": lambda port: asyncio.run(listen(port)),
    "psycopg": lambda port: psycopg.connect(f"host=127.0.0.1 port={port} connect_timeout=60"),
}


@pytest.mark.parametrize("hang", HANGS)
def test_an_alarm_ends_what_hangs(silent: int, hang: str) -> None:
    began = time.monotonic()
    with pytest.raises(AirflowTaskTimeout), timeout(0.2):
        run_apart(lambda: HANGS[hang](silent), within_s=50)
    assert time.monotonic() - began < 20, "it hangs for as long as it likes"


def test_without_an_alarm_too(silent: int) -> None:
    with pytest.raises(GivenUp, match=r"did not end within 0 s.*hotline check"):
        run_apart(lambda: HANGS["uvloop"](silent), within_s=0.2)


def test_it_is_as_if_it_were_called_here() -> None:
    known: ContextVar[str] = ContextVar("known")
    known.set("told")
    assert run_apart(known.get, within_s=10) == "told"

    def refuse() -> None:
        raise StopRun("no", remedy="say yes")

    with pytest.raises(StopRun, match="no; say yes"):
        run_apart(refuse, within_s=10)


async def until_asked(settled: list[str], pause_s: float) -> None:
    asked = asyncio.Event()
    with ended_early(asked.set):
        settled.append("begun")
        await asked.wait()
        await asyncio.sleep(pause_s)
        settled.append("settled")


@pytest.mark.parametrize("loop", [uvloop.run, asyncio.run])
def test_what_is_given_up_may_settle_what_it_holds(loop: Callable[[object], object]) -> None:
    settled: list[str] = []
    with pytest.raises(AirflowTaskTimeout), timeout(0.2):
        run_apart(lambda: loop(until_asked(settled, 0.1)), within_s=50)
    assert settled == ["begun", "settled"]


@pytest.mark.parametrize("loop", [uvloop.run, asyncio.run])
def test_sigterm_asks_it_to_end_and_lets_it_finish(loop: Callable[[object], object]) -> None:
    settled: list[str] = []
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        run_apart(lambda: loop(until_asked(settled, 0.3)), within_s=50)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert settled == ["begun", "settled"]
    assert heard == [signal.SIGTERM], "whoever listened before hears it too"


def test_sigterm_ends_what_cannot_end_early() -> None:
    script = """
import signal, time
from hotline_bridge.ending import run_apart
signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nobody listens: whoever started us may have ignored or blocked it
signal.pthread_sigmask(signal.SIG_SETMASK, [])
def work():
    print("begun", flush=True)
    time.sleep(600)
run_apart(work, 600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        assert begun.stdout.readline() == "begun\n"
        while begun.poll() is None:  # the first may come before the wait has begun, and ends it as well
            begun.terminate()
            time.sleep(0.1)
    assert begun.returncode == -signal.SIGTERM


def test_a_signal_that_another_thread_was_given_ends_it_too() -> None:
    script = """
import signal, threading, time
from hotline_bridge.ending import run_apart
signal.signal(signal.SIGTERM, signal.SIG_DFL)
def work():
    while signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        time.sleep(0.01)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(600)
run_apart(work, 600)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert ended.returncode == -signal.SIGTERM


def test_work_that_was_asked_before_it_knew_how_to_end_is_told_as_soon_as_it_does() -> None:
    heard = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: heard.set())

    async def is_asked() -> bool:
        asked = asyncio.Event()
        with ended_early(asked.set):
            await asyncio.sleep(0)
            return asked.is_set()

    def work() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard.wait(50)
        return asyncio.run(is_asked())

    try:
        assert run_apart(work, within_s=50)
    finally:
        signal.signal(signal.SIGTERM, before)
