"""Work that ends: it runs in a thread of its own, and whoever waits for it can always leave.

A loop swallows what a signal handler raises, and a session of PostgreSQL whose server stands still waits for ever, once
more in its ROLLBACK. So nothing that may stand still runs in the main thread: there, only an interruptible wait does.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from hotline_bridge.errors import GivenUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

T = TypeVar("T")

LAST_MOMENT_S = 5.0
"""How long work that is given up has to settle what it holds, where it knows how to end early."""

_AWAKE_S = 1.0


@dataclass(slots=True)
class _Enders:
    """What asks the work to end, and whether it was asked: also before it knew how to."""

    known: list[Callable[[], object]] = field(default_factory=list)
    asked: bool = False

    def ask(self) -> None:
        self.asked = True
        for end in self.known:
            end()

    @contextmanager
    def knowing(self, end: Callable[[], object]) -> Iterator[None]:
        """While this is open, `end` asks it; at once where it was asked before."""
        self.known.append(end)
        if self.asked:
            end()
        try:
            yield
        finally:
            self.known.remove(end)


_enders: ContextVar[_Enders | None] = ContextVar("enders", default=None)


def run_apart(work: Callable[[], T], within_s: float) -> T:
    """Call a function in a thread, with the context variables of here, and wait for it.

    An exception that interrupts the wait (an alarm's) leaves it at once, and SIGTERM asks the work to end
    (`ended_early`). Work that is left behind is asked to end, given a last moment, and dies with the process.

    Args:
        work: What to call.
        within_s: Seconds to wait.

    Returns:
        What it returned.

    Raises:
        GivenUp: It did not end in time.
    """
    enders = _Enders()
    context = copy_context()
    context.run(_enders.set, enders)
    outcome: Future[T] = Future()

    def call() -> None:
        try:
            outcome.set_result(context.run(work))
        except BaseException as error:
            outcome.set_exception(error)

    try:
        with _sigterm_ends(enders):
            threading.Thread(target=call, name="work", daemon=True).start()
            _wait_awake(outcome, within_s)
    finally:
        if not outcome.done() and enders.known:
            enders.ask()
            wait([outcome], LAST_MOMENT_S)
    if not outcome.done():
        raise GivenUp(
            f"given up, as it did not end within {within_s:.0f} s: a database or the platform stands still",
            remedy="what was committed stays; `hotline check` says what does not answer",
        )
    return outcome.result()


@contextmanager
def ended_early(end: Callable[[], object]) -> Iterator[None]:
    """While this is open, SIGTERM and whoever gives the work up call `end` on the running event loop."""
    loop, enders = asyncio.get_running_loop(), _enders.get()
    if enders is not None:

        def end_from_outside() -> None:
            with suppress(RuntimeError):  # the loop has just ended by itself
                loop.call_soon_threadsafe(end)

        with enders.knowing(end_from_outside):
            yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        loop.add_signal_handler(signal.SIGTERM, end)
    except (ValueError, RuntimeError):  # not the main thread: whoever runs us there handles signals
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


def _wait_awake(outcome: Future[T], within_s: float) -> None:
    """Wait in short steps: a signal that another thread was given is handled here, between two of them."""
    until = time.monotonic() + within_s
    while not outcome.done() and (left := until - time.monotonic()) > 0:
        wait([outcome], min(left, _AWAKE_S))


@contextmanager
def asked_to_end() -> Iterator[threading.Event]:
    """The same for work that waits without an event loop: an event that is set then."""
    asked, enders = threading.Event(), _enders.get()
    if enders is None:
        yield asked
        return
    with enders.knowing(asked.set):
        yield asked


@contextmanager
def _sigterm_ends(enders: _Enders) -> Iterator[None]:
    """SIGTERM asks the work to end; work that cannot is ended as if nobody listened."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        enders.ask()
        if callable(before):
            before(number, frame)
        elif before is signal.SIG_DFL and not enders.known:
            signal.signal(number, before)
            signal.raise_signal(number)

    signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
