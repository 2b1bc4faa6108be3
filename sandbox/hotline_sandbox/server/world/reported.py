"""Orders that came by the put interfaces (4.8.2.1.4): the platform gives them back as cases (4.8.2.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.rules import is_empty
from hotline_sandbox.server.world.world import Reported
from hotline_sandbox.shown import REGISTERED

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.rules import Row
    from hotline_sandbox.server.world.world import World


def _case_interface(put: Interface) -> Interface:
    if put.becomes is None:
        raise ValueError(f"{put.name}: bridge.yaml does not say which interface gives such orders back (becomes)")
    return contract()[put.becomes]


def case_table(put: Interface) -> str:
    """The table that holds what was put by this interface."""
    return str(_case_interface(put).table)


def show_case(world: World, put: Interface, regino: str, row: Row) -> None:
    """Show a stored order, which keeps all printed rules, as a case: the fields that both interfaces have."""
    case = _case_interface(put)
    sent = {field.name: field for field in put.request}
    shown: dict[str, object] = {}
    for field in case.response:
        if field.name in sent and field.name != REGISTERED:
            value = row.get(field.name)
            is_moment = sent[field.name].kind == "timestamp" and not is_empty(value)
            shown[field.name] = world.written(_moment(value), field) if is_moment else value
    world.put_row(regino, _moment(row[REGISTERED]), case_table(put), shown)
    world.reported[regino] = Reported(case_table(put), is_answered=row.get("replyonsite") == "1")


def _moment(value: object) -> int:
    return int("".join(filter(str.isdigit, str(value))))
