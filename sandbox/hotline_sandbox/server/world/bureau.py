"""The bureau's side of reported orders: what it does with each, seeded, from the world's present on."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline_sandbox.sample.areas import AREAS
from hotline_sandbox.sample.case_kinds import KINDS
from hotline_sandbox.sample.case_life import NEVER, treatment
from hotline_sandbox.sample.case_rows import RowWriter
from hotline_sandbox.sample.moments import as_digits
from hotline_sandbox.server.world.orders import Add, Shown

if TYPE_CHECKING:
    from hotline_sandbox.sample.case_kinds import Kind
    from hotline_sandbox.sample.case_life import Happening
    from hotline_sandbox.sample.case_rows import Party
    from hotline_sandbox.server.world.world import World

_KINDS = {kind.case: kind for kind in KINDS}


def deal(world: World, *, seed: int, day_s: float) -> int:
    """Deal with every reported order that was not dealt with; gives how many these are.

    Args:
        world: Its orders gain rows, which appear as its clock passes.
        seed: Same seed and number: the same is done, whatever other orders there are.
        day_s: Seconds that a day of the bureau takes.
    """
    rng = random.Random()  # noqa: S311  (seeded below for each order)
    writer = RowWriter(rng, seed)
    begin = _wall_second(world.now())
    new = [(regino, reported) for regino, reported in world.reported.items() if regino not in world.dealt]
    for regino, reported in new:
        world.dealt.add(regino)
        known = world.find(regino)
        if reported.is_answered or known is None:  # taken away by hand
            continue
        rng.seed(f"bureau {seed} {regino}")
        party = _party(writer, regino, _KINDS[reported.table], _wall_second(known[1]))
        done = treatment(rng, writer, party, begin, day_s)
        world.change(Add(do="add", regino=regino, rows=tuple(map(_shown, done))))
    return len(new)


def _party(writer: RowWriter, regino: str, kind: Kind, registered: int) -> Party:
    """Who deals with it: an office of the place that the number begins with, where it names one."""
    party = writer.party(lambda _area: regino, kind, registered)
    place = AREAS.get(regino[:6])
    if place is None:
        return party
    bureau = party.bureau.replace(AREAS[party.area], place, 1)
    return party._replace(area=regino[:6], bureau=bureau)


def _shown(happening: Happening) -> Shown:
    moments = {"begin": as_digits(happening.begin)}
    if happening.end != NEVER:
        moments["end"] = as_digits(happening.end)
    return Shown.model_validate({"table": happening.table, "row": happening.row, **moments})


def _wall_second(moment: int) -> int:
    return int(datetime.strptime(str(moment), "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
