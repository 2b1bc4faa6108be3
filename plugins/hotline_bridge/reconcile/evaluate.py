"""What must hold between the four counts of a day, and what is left when all that can be explained is taken off. Pure.

    12345 took   = accepted by the platform + waiting, held, rejected, quarantined, returned by the local audit
                   + not taken in yet                                                        (the way up)
                   + waiting, held, rejected or not taken in for too long, or under another order's number: an alarm
    the platform = collected + in quarantine                                                 (the way down)
    accepted     is among the collected, unless the platform returned it or took it minutes ago

Counts are of orders, each once. What is still open is `unexplained`; nothing is rounded or averaged away.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

State = Literal["agreed", "open", "incomplete", "unknown"]

UNSENT = ("waiting", "held", "rejected", "quarantined", "discarded", "returned_by_audit", "not_collected")
"""Where an order of 12345 may be that the platform has not accepted."""

AGED = ("not_collected", "waiting", "rejected", "held")
"""Of these, what explains a difference for a while only: extras `explain_..._h`.

See architecture: explanations have an age.
"""

LATE = tuple(f"late_{name}" for name in AGED)
"""The same beyond that age: nothing explains them any more."""

LOST = ("lost_on_intake", "shared_number")
"""Where nothing ever explains them: taken in and not here, or here under a number that another order has."""


@dataclass(frozen=True, slots=True)
class Absent:
    """An order that the platform accepted and does not show among its cases."""

    regino: str
    delivered_at: datetime
    delivery_id: int
    is_returned: bool = False
    """The platform's audit returned it."""
    is_quarantined: bool = False
    """A case of this number is in quarantine."""
    sent_again_at: datetime | None = None
    """When a reconciliation had it sent once more."""


@dataclass(slots=True)
class Sides:
    """What the docking store and the local store say of one day and kind."""

    placed: Counter[str] = field(default_factory=Counter)
    """Orders that 12345 took, by where they are: `delivered`, `UNSENT`, `LATE`, `LOST`."""
    same_day: int = 0
    """Of the delivered among them, those whose content names this day too."""
    delivered: int = 0
    matched: int = 0
    """Of the delivered, those among the collected of this day."""
    local: int = 0
    withdrawn: int = 0
    answer_quarantined: int = 0
    """Orders of which only a row in quarantine is here."""
    answer_numberless: int = 0
    """Rows in quarantine that name no order: the platform may count them or not."""
    incomplete_windows: int = 0
    absent: list[Absent] = field(default_factory=list)

    @property
    def docking(self) -> int:
        """Orders that 12345 took."""
        return sum(self.placed.values())


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a day and kind, as `hotline.count_reconciliation` keeps it."""

    day: date
    kind: str
    docking_count: int
    delivered_count: int
    platform_count: int | None
    local_count: int
    explained: dict[str, int]
    unexplained: int | None
    state: State
    repair: dict[str, int] | None = None
    lost: tuple[Absent, ...] = field(default=(), repr=False)
    """Orders that the platform lacks, beyond its patience."""

    @property
    def is_repairable(self) -> bool:
        """Whether collecting or sending again may help: what is wrong lies between the platform and here."""
        return self.platform_count is not None and ("gap" in self.explained or bool(self.lost))


def evaluate(
    day: date,
    kind: str,
    sides: Sides,
    platform: tuple[int, int] | None,
    now: datetime,
    *,
    patience: timedelta,
    repair: dict[str, int] | None = None,
) -> Check:
    """One day and kind.

    Args:
        day: Day of registration.
        kind: Name of the kind.
        sides: The stores' numbers.
        platform: The platform's count before and after they were read; None where it gave none.
        now: When the stores were read, aware.
        patience: How long after its acceptance an order may be unseen among the cases.
        repair: What was done before this check.
    """
    sorted_out = {fate: [order for order in sides.absent if _fate(order, now, patience) == fate] for fate in _FATES}
    lost = tuple(sorted_out["lost_upstream"])
    may_be_counted = len(sorted_out["delivered_recently"]) + len(sorted_out["returned"]) + sides.answer_numberless
    gap = 0
    if platform is not None:
        low, high = min(platform), max(platform)
        # What was sent a second time counts as there only where the platform counts it.
        known = sides.local + sides.answer_quarantined + len(sorted_out["sent_again"])
        gap = max(low - known - may_be_counted, 0) + min(high - known, 0)
    before_us = sum(sides.placed[place] for place in (*LATE, *LOST))
    unexplained = before_us + abs(gap) + max(0, len(lost) - max(gap, 0))
    explained = {
        **{place: sides.placed[place] for place in UNSENT},
        "other_day": sides.placed["delivered"] - sides.same_day,
        "not_in_docking": sides.delivered - sides.same_day,
        "network": sides.local - sides.matched,
        "answer_quarantined": sides.answer_quarantined,
        "answer_numberless": sides.answer_numberless,
        **{fate: len(orders) for fate, orders in sorted_out.items() if fate != "quarantined"},
        "withdrawn": sides.withdrawn,
        "moved_while_counting": 0 if platform is None else abs(platform[1] - platform[0]),
        "incomplete_windows": sides.incomplete_windows,
        **{place: sides.placed[place] for place in (*LATE, *LOST)},
        "gap": gap,
    }
    state: State = "agreed"
    if platform is None:
        state = "open" if before_us else "unknown"
    elif unexplained:
        state = "incomplete" if sides.incomplete_windows else "open"
    return Check(
        day=day,
        kind=kind,
        docking_count=sides.docking,
        delivered_count=sides.delivered,
        platform_count=None if platform is None else platform[1],
        local_count=sides.local,
        explained={name: count for name, count in explained.items() if count},
        unexplained=unexplained if platform is not None or before_us else None,
        state=state,
        repair=repair,
        lost=lost,
    )


_COLLECTED_AFTER = timedelta(days=1)
"""How long what was sent again may be counted by the platform and not be collected yet."""
_FATES = ("returned", "quarantined", "sent_again", "delivered_recently", "lost_upstream")


def _fate(order: Absent, now: datetime, patience: timedelta) -> str:
    """Why an accepted order is not among the cases; the platform may still be at work on a young one."""
    if order.is_returned:
        return "returned"
    if order.is_quarantined:
        return "quarantined"
    if order.sent_again_at is not None:
        return "sent_again" if now - order.sent_again_at < _COLLECTED_AFTER else "lost_upstream"
    return "delivered_recently" if now - order.delivered_at < patience else "lost_upstream"
