"""Reads the 27 interfaces from the package's two files, once a process."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from hotline_bridge.contract.model import Interface

if TYPE_CHECKING:
    from collections.abc import Mapping

# The C loader takes a tenth of the time; it is missing only where PyYAML was built without libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _load(name: str) -> dict[str, Any]:
    text = files("hotline_bridge.contract").joinpath(name).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=_LOADER))  # noqa: S506  (a safe loader, chosen above)


@cache
def contract() -> Mapping[str, Interface]:
    """All interfaces by name, in the order of the print.

    Raises:
        ValueError: The two files do not fit together (pydantic's ValidationError is one): the package is damaged.
    """
    printed, ours = _load("platform.yaml"), _load("bridge.yaml")
    if printed["meta"]["interfaces"] != len(printed["interfaces"]):
        raise ValueError("platform.yaml does not hold as many interfaces as its head says")
    additions: dict[str, Any] = dict(ours["interfaces"])
    if unknown := additions.keys() - {entry["name"] for entry in printed["interfaces"]}:
        raise ValueError(f"bridge.yaml names interfaces that are not printed: {sorted(unknown)}")
    interfaces = {
        entry["name"]: _join(entry, additions[entry["name"]], ours["common_fields"]) for entry in printed["interfaces"]
    }
    for interface in interfaces.values():
        for reference in filter(None, (interface.parent, interface.served_by)):
            other = interfaces.get(reference.of)
            if other is None or other.table is None or other.key is None:
                raise ValueError(
                    f"bridge.yaml: {interface.name} refers to {reference.of}, which has no table or no key"
                )
        for name in filter(None, (interface.acknowledged_by, interface.becomes)):
            if name not in interfaces:
                raise ValueError(f"bridge.yaml: {interface.name} names {name}, which is no interface")
    return MappingProxyType(interfaces)


def _join(printed: dict[str, Any], ours: dict[str, Any], common: dict[str, Any]) -> Interface:
    """The printed entry with our additions laid over it; fields take the additions common to their name too."""
    request = _fields(printed, "request", ours.get("fields", {}), common)
    response = _fields(printed, "response", ours.get("answer_fields", {}), common)
    rest = {name: value for name, value in ours.items() if name not in {"fields", "answer_fields"}}
    return Interface.model_validate({**printed, **rest, "request": request, "response": response})


def _fields(printed: dict[str, Any], part: str, own: dict[str, Any], common: dict[str, Any]) -> list[dict[str, Any]]:
    if unknown := own.keys() - {field["name"] for field in printed[part]}:
        raise ValueError(f"bridge.yaml: {printed['name']} has no {part} fields {sorted(unknown)}")
    return [{**field, **common.get(field["name"], {}), **own.get(field["name"], {})} for field in printed[part]]


def interfaces_of(flow: str) -> tuple[Interface, ...]:
    """The interfaces that a flow carries.

    `telephony`: the four logs of 4.2.3; `order`: the three orders of 4.8.2.1.4; `case`: 4.8.2.1.5.1 to .4; `process`:
    4.8.2.1.6; `feedback`: the drains and queries of 4.2.5 and 4.8.2.1.7.

    Raises:
        ValueError: No interface belongs to such a flow.
    """
    found = tuple(interface for interface in contract().values() if interface.flow == flow)
    if not found:
        raise ValueError(f"no interface belongs to the flow {flow!r}: look at `flow` in contract/bridge.yaml")
    return found
