"""A run of a report flow (上报): takes in and delivers what there is, then what comes while it watches."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_bridge.errors import Failures, unforeseen
from hotline_bridge.tasks import outbound
from hotline_bridge.tasks.runs import record_run
from hotline_bridge.tasks.watching import looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.tasks.outbound import Counts

INTAKE_SHARE, DELIVERY_SHARE, WATCHED_SHARE = 0.3, 0.5, 0.1
"""Of the budget: for what there is at the start, and for each of both steps of what comes while the run watches."""


@dataclass(slots=True)
class Reported:
    """What a run did, interface by interface, and what is not at rest after it."""

    taken_in: Counts = field(default_factory=dict)
    delivered: Counts = field(default_factory=dict)
    still_open: Counts = field(default_factory=dict)

    def __add__(self, more: Reported) -> Reported:
        """Both together; what is open is what was open last."""
        return Reported(
            _sum(self.taken_in, more.taken_in),
            _sum(self.delivered, more.delivered),
            {**self.still_open, **more.still_open},
        )

    def counts(self, interfaces: Sequence[str]) -> Counts:
        """All of it, each count under its own name."""
        return {
            name: {
                **{f"taken_in_{what}": count for what, count in self.taken_in[name].items()},
                **{f"now_{state}": count for state, count in self.delivered[name].items()},
                **{f"open_{state}": count for state, count in self.still_open[name].items()},
            }
            for name in interfaces
        }


def report(
    dag: str,
    interfaces: Sequence[str],
    begin: str | None = None,
    end: str | None = None,
    *,
    budget_s: float,
    look_s: float = 0.0,
) -> Reported:
    """Take in and deliver, and then watch; what waits is sent even while the docking store is down.

    What fails ends the watch at once: a failure is told when it happens. A run is noted once its first pass is done.

    Args:
        dag: Name of the flow's DAG, under which the run is noted.
        interfaces: Wire names of report interfaces.
        begin: With `end`: a window of docking rows, as for `outbound.take_in`.
        end: See `begin`.
        budget_s: Seconds within which all but the watching ends.
        look_s: Seconds from one look to the next while it watches; 0 to end with the work.

    Raises:
        StopRun: One of the two failed, so that a person has to see to it.
        TryAgainLater: One of the two failed, and another try may do better.
    """
    done = Reported()
    with Failures(explain=unforeseen) as failures:
        with failures.apart():
            done.taken_in = outbound.take_in(interfaces, begin, end, INTAKE_SHARE * budget_s)
        with failures.apart():
            done.delivered = outbound.deliver(interfaces, DELIVERY_SHARE * budget_s)
    done.still_open = outbound.summarise(dag, done.taken_in, done.delivered)
    if not look_s or outbound.failing(done.delivered):
        return done
    record_run(dag)
    more = Reported()
    with Failures(explain=unforeseen) as failures:
        with failures.apart():
            _watch(dag, done, more, look_s, WATCHED_SHARE * budget_s)
        if more.taken_in:
            with failures.apart():
                more.still_open = outbound.summarise(dag, more.taken_in, more.delivered)
    return done + more


def _watch(dag: str, done: Reported, more: Reported, look_s: float, budget_s: float) -> None:
    with closing(looks(dag, "docking_db", outbound.uncollected([*done.taken_in]), look_s)) as looking:
        for found in looking:
            came = sorted({name for (names,) in found for name in names})
            more.taken_in = _sum(more.taken_in, outbound.take_in(came, budget_s=budget_s))
            more.delivered = _sum(more.delivered, outbound.deliver(came, budget_s))
            if outbound.failing(_sum(done.delivered, more.delivered)):
                return


def _sum(one: Counts, other: Counts) -> Counts:
    total = {name: dict(counts) for name, counts in one.items()}
    for name, counts in other.items():
        before = total.setdefault(name, {})
        before |= {what: before.get(what, 0) + count for what, count in counts.items()}
    return total
