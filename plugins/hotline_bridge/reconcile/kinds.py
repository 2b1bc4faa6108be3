"""What is counted (对账类别): the three kinds of orders, as the contract ties them together, and the telephony logs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract, interfaces_of

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface


@dataclass(frozen=True, slots=True)
class OrderKind:
    """One kind of orders: how they go to the platform, how they come back, and where they are counted."""

    name: str
    """`complaint` 投诉, `report` 举报, `consultation` 咨询."""
    put: Interface
    case: Interface
    counted_in: str
    """Field of the platform's count."""


def count_interface() -> Interface:
    """The interface that counts (对账接口, 4.8.2.1.5.5)."""
    return next(interface for interface in contract().values() if interface.kind == "reconcile")


def returned_interface() -> Interface:
    """The query for orders that the platform's audit returned (4.8.2.1.5.4)."""
    return next(contract()[order.returned_by] for order in interfaces_of("order") if order.returned_by)


@cache
def order_kinds() -> tuple[OrderKind, ...]:
    """In the order of the print."""
    counted_in = {case: field for field, case in count_interface().counts.items()}
    return tuple(
        OrderKind(
            str(put.table).removesuffix("_order"), put, contract()[str(put.becomes)], counted_in[str(put.becomes)]
        )
        for put in interfaces_of("order")
    )
