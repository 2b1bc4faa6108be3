"""The history of every call: the memory that tests judge a client by.

Kept by column: half a million calls cost little more than their stored bodies.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from hotline_sandbox.server.clock import shanghai_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline_sandbox.server.answers import Code

NO_INTERFACE = "unknown"
"""Stands in the counts for calls that name no interface."""

_SHA256_BYTES = 32


class CallRecord(TypedDict):
    """One call as the control API shows it."""

    seq: int
    """From 1, in order of receipt."""
    received_at: str
    """ISO 8601, Asia/Shanghai, by the sandbox's (shifted) clock."""
    interface: str | None
    key: str | None
    status: int | None
    """HTTP status sent, or None where none was (hang, reset, garbage)."""
    code: Code | None
    accepted: bool
    """Whether the platform stored it."""
    rows: int | None
    """How many rows the answer held; None where it holds none by its nature."""
    fault: str | None
    body_sha256: str
    body: str | None
    """The body of a stored call, where it was asked for."""


class InterfaceCounts(TypedDict):
    """Calls of one interface, counted."""

    calls: int
    accepted: int
    distinct: int
    """Different keys among the accepted."""
    repeated: int
    """Accepted calls whose key was stored already."""
    refused: int
    """Calls that broke the contract, by the platform's own judgement."""
    faulted: int
    """Calls that a fault befell."""


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    accepted: int = 0
    refused: int = 0
    faulted: int = 0


class History:
    """Every call in order of receipt."""

    def __init__(self) -> None:
        self._received = array("d")
        self._interfaces: list[str | None] = []
        self._keys: list[str | None] = []
        self._statuses = array("H")
        self._codes: list[Code | None] = []
        self._accepted = bytearray()
        self._rows = array("i")
        self._faults: list[str | None] = []
        self._digests = bytearray()
        self._bodies: list[bytes | None] = []
        self._tallies: dict[str, _Tally] = {}

    def __len__(self) -> int:
        """How many calls were received."""
        return len(self._keys)

    def record(
        self,
        *,
        received: float,
        interface: str | None,
        key: str | None,
        status: int | None,
        code: Code | None,
        accepted: bool,
        refused: bool,
        fault: str | None,
        body: bytes,
        rows: int | None = None,
    ) -> None:
        """Add one call; `received` is in seconds since the epoch, `body` is kept only where the call was accepted."""
        self._received.append(received)
        self._interfaces.append(interface)
        self._keys.append(key)
        self._statuses.append(status or 0)
        self._codes.append(code)
        self._accepted.append(accepted)
        self._rows.append(-1 if rows is None else rows)
        self._faults.append(fault)
        self._digests += hashlib.sha256(body).digest()
        self._bodies.append(body if accepted else None)
        name = interface or NO_INTERFACE
        tally = self._tallies.get(name) or self._tallies.setdefault(name, _Tally())
        tally.calls += 1
        tally.accepted += accepted
        tally.refused += refused
        tally.faulted += fault is not None

    def page(
        self, *, after: int = 0, limit: int = 1000, interface: str | None = None, bodies: bool = False
    ) -> list[CallRecord]:
        """At most `limit` calls with a sequence number above `after`, of one interface or of all."""
        found: list[CallRecord] = []
        for place in range(after, len(self)):
            if len(found) == limit:
                break
            if interface is None or self._interfaces[place] == interface:
                found.append(self._at(place, with_body=bodies))
        return found

    def _at(self, place: int, *, with_body: bool) -> CallRecord:
        digest = self._digests[place * _SHA256_BYTES : (place + 1) * _SHA256_BYTES]
        body = self._bodies[place] if with_body else None
        return {
            "seq": place + 1,
            "received_at": shanghai_text(self._received[place]),
            "interface": self._interfaces[place],
            "key": self._keys[place],
            "status": self._statuses[place] or None,
            "code": self._codes[place],
            "accepted": bool(self._accepted[place]),
            "rows": None if self._rows[place] < 0 else self._rows[place],
            "fault": self._faults[place],
            "body_sha256": digest.hex(),
            "body": None if body is None else body.decode("utf-8"),
        }

    def counts(self, distinct: Callable[[str], int]) -> dict[str, InterfaceCounts]:
        """The counts of each interface that was called, by name; `unknown` for calls that name none.

        Args:
            distinct: Gives, for the name of an interface, how many different keys are stored.
        """
        return {name: _counts(tally, distinct(name)) for name, tally in self._tallies.items()}


def _counts(tally: _Tally, distinct: int) -> InterfaceCounts:
    return {
        "calls": tally.calls,
        "accepted": tally.accepted,
        "distinct": distinct,
        "repeated": tally.accepted - distinct,
        "refused": tally.refused,
        "faulted": tally.faulted,
    }
