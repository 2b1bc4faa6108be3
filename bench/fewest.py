"""How few requests any client needs that knows every row beforehand: counted from the file of a world."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from hotline_bridge.inbound.windows import CAP, LONGEST_S
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotline_bridge.contract.model import Interface


def fewest_requests(file: Path, interfaces: Sequence[Interface], begin: datetime, end: datetime) -> dict[str, int]:
    """Requests by interface, each as long as it can be without a full answer, from `begin` to `end` without a gap.

    Args:
        file: World file; its rows count as the world shows them at `end`.
        interfaces: Queries.
        begin: Aware.
        end: Aware.
    """
    rows: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    with file.open(encoding="utf-8") as orders:
        for line in orders:
            order = json.loads(line)
            registered = _moment(order["registered"])
            for row in order["rows"]:
                appears = _moment(row.get("begin") or order["registered"])
                vanishes = row.get("end")
                if appears <= end.timestamp() and (vanishes is None or _moment(vanishes) > end.timestamp()):
                    rows[row["table"]][registered] += 1
    bounds = int(begin.timestamp()), int(end.timestamp())
    return {interface.name: _greedy(rows[str(interface.table)], *bounds) for interface in interfaces}


def _moment(digits: str) -> int:
    return int(datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI).timestamp())


def _greedy(rows: dict[int, int], begin: int, end: int) -> int:
    requests, held = 1, 0
    for moment in sorted(rows):
        while moment - begin > LONGEST_S:
            requests, begin, held = requests + 1, begin + LONGEST_S, 0
        if held + rows[moment] >= CAP:
            requests, begin, held = requests + 1, moment, 0
        held += rows[moment]
    return requests + (end - begin) // LONGEST_S
