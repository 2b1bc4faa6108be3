"""Drives a sandbox from tests, the demo and the benchmark."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from hotline_sandbox.server.server import READY
from hotline_sandbox.server.settings import TOKEN_VARIABLE, SandboxSettings
from hotline_sandbox.server.world.control import WorldControl

if TYPE_CHECKING:
    from hotline_sandbox.server.faults import Fault
    from hotline_sandbox.server.history import CallRecord, InterfaceCounts

_TIMEOUT_S = 30.0
_PAGE = 10_000
_WORLD_S = 900.0
_NO_OPTION = frozenset({"token"})
"""Settings that do not go over the command line, where other processes would see them."""


class SandboxError(Exception):
    """The sandbox did not start, or its control API refused a request; the message says why."""


class SandboxControl:
    """The control API of a running sandbox, synchronous.

    Every method raises SandboxError when the sandbox refuses, and OSError (urllib's URLError is one) when it is not
    there.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        # No proxy of the environment stands between a machine and itself.
        self._opener = build_opener(ProxyHandler({}))
        self.world = WorldControl(self._ask)

    def health(self) -> dict[str, object]:
        """`status`, `calls` received so far, `clock_offset_s`."""
        return cast("dict[str, object]", self._ask("GET", "health"))

    def history(self, *, after: int = 0, interface: str | None = None, bodies: bool = False) -> list[CallRecord]:
        """All calls with a sequence number above `after`, in order of receipt; of one interface, or of all."""
        return list(self._pages(after, interface, bodies=bodies))

    def _pages(self, after: int, interface: str | None, *, bodies: bool) -> Iterator[CallRecord]:
        place: int | None = after
        while place is not None:
            query = {"after": place, "limit": _PAGE, "bodies": int(bodies)}
            named = {"interface": interface} if interface else {}
            page = cast("dict[str, object]", self._ask("GET", f"history?{urlencode({**query, **named})}"))
            yield from cast("list[CallRecord]", page["calls"])
            place = cast("int | None", page["next"])

    def counts(self) -> dict[str, InterfaceCounts]:
        """Calls, accepted, distinct, repeated, refused and faulted, by interface (`unknown`: none was named)."""
        return cast("dict[str, InterfaceCounts]", self._ask("GET", "counts"))

    def set_faults(self, faults: Sequence[Fault | dict[str, object]]) -> None:
        """Put these faults in force instead of all earlier ones."""
        plain = [fault if isinstance(fault, dict) else fault.model_dump(exclude_unset=True) for fault in faults]
        self._ask("POST", "faults", plain)

    def clear_faults(self) -> None:
        """Behave."""
        self._ask("DELETE", "faults")

    def set_clock_offset(self, seconds: float) -> None:
        """Shift the sandbox's idea of now."""
        self._ask("POST", "clock", {"offset_s": seconds})

    def reset(self) -> None:
        """Forget everything: what is stored, the history, faults and clock offset; the settings' world begins anew."""
        self._ask("POST", "reset", {}, _WORLD_S)

    def _ask(self, method: str, name: str, value: object = None, timeout_s: float = _TIMEOUT_S) -> object:
        body = None if value is None else json.dumps(value).encode()
        request = Request(f"{self.base_url}/_sandbox/{name}", data=body, method=method)  # noqa: S310  (our own address)
        try:
            with self._opener.open(request, timeout=timeout_s) as response:
                return json.load(response)
        except HTTPError as error:
            with error:
                said = json.load(error)
            raise SandboxError(said.get("error") or said.get("msg")) from None


@contextmanager
def running_sandbox(*, cpu: int | None = None, **settings: object) -> Iterator[SandboxControl]:
    """Run a sandbox as a process of its own, on a free port unless `port` says otherwise, and stop it at the end.

    Args:
        cpu: The one core that it may use (Linux), or None for any.
        settings: Fields of `SandboxSettings`, by name.

    Raises:
        ValueError: A setting is wrong.
        SandboxError: It did not start; the message holds what it said.
    """
    wanted = SandboxSettings.model_validate(settings)
    said = wanted.model_dump(exclude=set(_NO_OPTION), exclude_none=True)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in said.items()]
    process = subprocess.Popen(  # noqa: S603  (our own module, arguments made above)
        [sys.executable, "-m", "hotline_sandbox.server", *options],
        env={**os.environ, TOKEN_VARIABLE: wanted.token.get_secret_value()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if cpu is not None:
            os.sched_setaffinity(process.pid, {cpu})
        yield SandboxControl(_base_url(process, _TIMEOUT_S if wanted.world is None else _WORLD_S))
    finally:
        _stop(process)


def _base_url(process: subprocess.Popen[str], timeout_s: float) -> str:
    assert process.stdout is not None  # noqa: S101  (it was asked for)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(timeout_s) else ""
    if not line.startswith(READY):
        process.kill()
        raise SandboxError(
            f"the sandbox did not start: {process.communicate()[1].strip() or line or 'it said nothing'}"
        )
    return line.removeprefix(READY).strip()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
