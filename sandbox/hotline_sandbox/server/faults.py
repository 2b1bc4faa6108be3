"""Misbehaviour on demand: what a fault is, and which call it hits.

The choice is seeded: each fault has a random source of its own, drawn from once for each call that it could hit, so
that the same seed, faults and order of calls always give the same misbehaviour.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hotline_bridge.contract.reader import contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal[
    "hang", "delay", "latency", "reset_before", "reset_after", "status", "unauthorized", "html", "empty", "truncated",
    "malformed", "charset", "code", "issuc", "drip", "redirect", "huge", "garbage",
    "data", "overfull", "repeated_row", "outside", "numberless",
]  # fmt: skip
Variant = Literal["null", "list", "cut", "bom", "two_documents", "nan", "duplicate_keys"]

KINDS: tuple[Kind, ...] = get_args(Kind)
VARIANTS: tuple[Variant, ...] = get_args(Variant)
DataForm = Literal["absent", "null", "object", "text"]

ROW_KINDS: frozenset[Kind] = frozenset({"overfull", "repeated_row", "outside", "numberless"})
"""Kinds that change which rows an answer holds; answers without rows stay honest."""

_STORING: frozenset[Kind] = ROW_KINDS | {"delay", "latency", "reset_after", "truncated", "charset", "drip", "data"}
"""Kinds that carry the call out and spoil only the answer, unless `stored` says otherwise."""

_OPTIONS: Mapping[Kind, frozenset[str]] = {
    "delay": frozenset({"seconds"}),
    "latency": frozenset({"ms", "jitter_ms"}),
    "status": frozenset({"status", "retry_after", "echo", "above"}),
    "malformed": frozenset({"variant"}),
    "code": frozenset({"code", "msg", "issuc", "echo"}),
    "drip": frozenset({"seconds"}),
    "redirect": frozenset({"location"}),
    "data": frozenset({"form"}),
    "overfull": frozenset({"rows"}),
    "outside": frozenset({"rows"}),
    "numberless": frozenset({"rows"}),
}
_NEEDED: Mapping[Kind, str] = {
    "delay": "seconds", "latency": "ms", "status": "status", "data": "form", "overfull": "rows",
}  # fmt: skip
_COMMON = frozenset({"kind", "interface", "key", "probability", "count", "after", "stored"})

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Fault(BaseModel):
    """One misbehaviour: which calls it hits and what it does to them.

    `latency` adds to whatever else hits the call; of all others the first one listed that hits wins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    interface: str = "*"
    """Name of an interface, or `*` for all (and for calls that name none)."""
    key: str | None = None
    """Only calls that carry this key: of a report its own, of an acknowledgement one of its numbers, of a query its
    window, written BEGIN-END."""
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    count: Annotated[int, Field(ge=1)] | None = None
    """How many calls it hits at most; None is no limit."""
    after: Annotated[int, Field(ge=0)] = 0
    """How many calls that it could hit it lets pass first."""
    stored: bool | None = None
    """Whether the platform carries the call out all the same; None is the kind's own way."""

    seconds: Amount = 1.0
    """delay: wait before the answer; drip: wait before each byte of the body."""
    ms: Amount = 0.0
    jitter_ms: Amount = 0.0
    """latency: up to this much more, evenly spread."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    retry_after: int | str | None = None
    """Seconds, or any text that a `Retry-After` header could hold."""
    above: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """status: only what comes faster than so many calls a second; a quarter of them may come at once."""
    code: int | str = "9999"
    msg: str = "系统繁忙，请稍后再试"
    issuc: Literal["0", "1"] | None = None
    """code: `data` holds this issuc; None answers `data` null."""
    echo: bool = False
    """`msg` repeats the header value and every value of the request: a platform that leaks what it was sent."""
    variant: Variant | None = None
    """malformed: which form; None lets the seed choose for each call."""
    location: str = "/moved"
    form: DataForm = "absent"
    """data: what stands in its place; `object` is the first row alone, `text` is the data as JSON in a text."""
    rows: Annotated[int, Field(ge=1)] = 1
    """overfull: the cap; outside: how many rows more; numberless: how many rows lose their order number."""

    @field_validator("interface")
    @classmethod
    def _interface_is_known(cls, name: str) -> str:
        if name != "*" and name not in contract():
            raise ValueError(f"no interface is called {name!r}: take a name of the contract, or * for all")
        return name

    @field_validator("retry_after", "location")
    @classmethod
    def _fits_a_header(cls, value: int | str | None) -> int | str | None:
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            raise ValueError("a header value must be printable ASCII")
        return value

    @model_validator(mode="after")
    def _options_belong_to_the_kind(self) -> Fault:
        allowed = _OPTIONS.get(self.kind, frozenset())
        if strange := self.model_fields_set - _COMMON - allowed:
            raise ValueError(f"{self.kind} does not know {sorted(strange)}; it knows {sorted(allowed) or 'no options'}")
        if (needed := _NEEDED.get(self.kind)) and needed not in self.model_fields_set:
            raise ValueError(f"{self.kind} needs {needed}")
        return self

    @property
    def stores(self) -> bool:
        """Whether a call that it hits is carried out."""
        return self.kind in _STORING if self.stored is None else self.stored


@dataclass(slots=True)
class _Armed:
    fault: Fault
    random: random.Random
    seen: int = 0
    hits: int = 0
    level: float = 0.0
    """Calls that were let pass and are above the limit, as in a leaking bucket."""
    passed_at: float = 0.0

    def hits_call(self, interface: str | None, key: str | None) -> bool:
        fault = self.fault
        if fault.interface not in {"*", interface}:
            return False
        if fault.key is not None and (key is None or fault.key not in {key, *key.split(",")}):
            return False
        self.seen += 1
        if self.seen <= fault.after or (fault.count is not None and self.hits >= fault.count):
            return False
        if fault.probability < 1 and self.random.random() >= fault.probability:
            return False
        if fault.above is not None and self._passes(fault.above):
            return False
        self.hits += 1
        return True

    def _passes(self, limit: float) -> bool:
        now = time.monotonic()
        self.level = max(0.0, self.level - (now - self.passed_at) * limit)
        self.passed_at = now
        passes = self.level <= limit / 4
        self.level += passes
        return passes


@dataclass(frozen=True, slots=True)
class Hit:
    """What befalls one call."""

    fault: Fault | None = None
    random: random.Random = field(default_factory=random.Random)
    wait_s: float = 0.0
    """How long the answer is held back."""

    @property
    def kind(self) -> Kind | None:
        """The name that the history keeps."""
        return None if self.fault is None else self.fault.kind

    @property
    def stores(self) -> bool:
        """Whether the call is carried out."""
        return self.fault is None or self.fault.stores


MISSED = Hit()


class FaultPlan:
    """The faults in force, with what each has done so far."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._armed: list[_Armed] = []

    def replace(self, faults: Sequence[Fault]) -> None:
        """Put these faults in force instead of all earlier ones; counts and random sources begin anew."""
        self._armed = [
            # Not for secrets: repeatable on purpose.
            _Armed(fault, random.Random(f"{self._seed}/{place}"))  # noqa: S311
            for place, fault in enumerate(faults)
        ]

    def draw(self, interface: str | None, key: str | None) -> Hit:
        """What befalls the next call of this interface (None: the call names none) and key."""
        if not self._armed:
            return MISSED
        wait_s = 0.0
        slowed: _Armed | None = None
        for armed in self._armed:
            fault = armed.fault
            if armed.hits_call(interface, key):
                if fault.kind == "latency":
                    wait_s += (fault.ms + armed.random.uniform(0, fault.jitter_ms)) / 1000
                    slowed = armed
                else:
                    wait_s += fault.seconds if fault.kind == "delay" else 0
                    return Hit(fault, armed.random, wait_s)
        return MISSED if slowed is None else Hit(slowed.fault, slowed.random, wait_s)
