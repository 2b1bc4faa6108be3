"""Orders as whoever took the call left them: what the order form needs, and 12345 does not know, is blank."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hotline_sandbox.city.orders import CityOrder
from hotline_sandbox.sample.moments import wall_seconds
from hotline_sandbox.sample.order_rows import INTERFACES, OrderWriter
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT_TO_CLERK = ("proaddr", "accepregname")
"""Required fields that are blank."""
_SEAT = "801"


def invented_orders(of_each: int, number: str) -> Iterator[CityOrder]:
    """Orders of each kind, registered an hour ago.

    Args:
        of_each: So many of each kind.
        number: How their numbers begin: area, and what makes them new.
    """
    writer = OrderWriter(random.Random(number), 98)  # noqa: S311  (invented data)
    registered = wall_seconds(datetime.now(SHANGHAI) - timedelta(hours=1))
    wanted = dict.fromkeys(INTERFACES.values(), of_each)
    made = 0
    while any(wanted.values()):
        order = writer.order(registered)
        if wanted[order.interface.name] and not order.doubts:
            wanted[order.interface.name] -= 1
            made += 1
            fields = {field.name: order.row[field.column] or "" for field in order.interface.request}
            own = {"regino": f"{number}{made:02d}", "workerno": _SEAT, **dict.fromkeys(LEFT_TO_CLERK, "")}
            yield CityOrder(order.interface.name, {**fields, **own})
