"""What befalls a run, from a seed alone: who runs beside whom, who dies where, what the platform and the stores do."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge import failpoints as at
from tests.chaos.flows import FLOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS: Mapping[str, tuple[str, ...]] = {
    "telephony": at.OUTBOUND_FAILPOINTS,
    "order": (*at.OUTBOUND_FAILPOINTS, *at.NOTE_FAILPOINTS),
    "case": at.INBOUND_FAILPOINTS[:2],
    "process": at.INBOUND_FAILPOINTS[:2],
    "feedback": at.INBOUND_FAILPOINTS[2:],
    "repair": at.INBOUND_FAILPOINTS[:2],
    "publish": (*at.DEADLINE_FAILPOINTS, *at.PUBLISH_FAILPOINTS),
    "gateway": at.GATEWAY_FAILPOINTS,
    "reconcile": at.RECONCILE_FAILPOINTS[:3],
}
"""Where a flow can be killed. What a reconciliation sends again is sent once in a life: killed then, it waits for a
person, so no two runs would end alike (tests/reconcile/test_reconcile_faults.py)."""
SPOILED: tuple[dict[str, object], ...] = (
    {"kind": "hang"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "truncated"},
    {"kind": "empty"},
    {"kind": "html"},
    {"kind": "malformed"},
    {"kind": "charset"},
    {"kind": "garbage"},
    {"kind": "code", "code": "9999", "echo": True},
    {"kind": "unauthorized", "count": 2},
)


@dataclass(frozen=True, slots=True)
class Act:
    """One process."""

    flow: str
    step: str = ""
    """Where it is killed."""
    after: int = 0
    """How often it passes the step before."""
    ends_after_s: float | None = None
    """When a signal comes, if one does."""
    signal: str = "SIGKILL"


@dataclass(frozen=True, slots=True)
class Round:
    """Processes side by side, and what befalls them."""

    acts: tuple[Act, ...]
    faults: tuple[dict[str, object], ...]
    strikes: tuple[float, ...]
    """Seconds after which a session of the stores is ended, whosever it is."""


def plan(seed: int, rounds: int = 2) -> list[Round]:
    """The rounds of a seed: 12345 writes more between them."""
    rng = random.Random(f"chaos {seed}")  # noqa: S311  (repeatable, no secret)
    return [_round(rng) for _ in range(rounds)]


def _round(rng: random.Random) -> Round:
    flows = rng.choices([*FLOWS], k=rng.randint(2, 4))
    faults = [{"kind": "latency", "interface": "*", "ms": rng.choice([1, 5, 20])}]
    faults += [
        {**rng.choice(SPOILED), "probability": round(rng.uniform(0.05, 0.4), 2)} for _ in range(rng.randint(0, 3))
    ]
    strikes = tuple(round(rng.uniform(0.05, 2.0), 2) for _ in range(rng.choice([0, 0, 1, 3])))
    return Round(tuple(_act(rng, flow) for flow in flows), tuple(reversed(faults)), strikes)


def _act(rng: random.Random, flow: str) -> Act:
    match rng.choice(["step", "step", "moment", "term", "whole"]):
        case "step":
            return Act(flow, rng.choice(STEPS[flow]), after=rng.choice([0, 0, 1, 2]))
        case "moment":
            return Act(flow, ends_after_s=round(rng.uniform(0.05, 2.0), 2))
        case "term":
            return Act(flow, ends_after_s=round(rng.uniform(0.05, 2.0), 2), signal="SIGTERM")
    return Act(flow)
