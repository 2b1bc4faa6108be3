"""Reads the interfaces from the package's two files, once a process."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from hotline_bridge.contract.model import NEEDED, Interface
from hotline_bridge.errors import StopRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from hotline_bridge.contract.model import Kind

# The C loader takes a tenth of the time; it is missing only where PyYAML was built without libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WHOLE = tuple(name for name, field in Interface.model_fields.items() if field.is_required())
_REMEDY = "fix its entry in contract/bridge.yaml: docs/new-interface.md says what an entry holds"


def load(name: str) -> dict[str, Any]:
    """One of the package's YAML files, such as bridge.yaml."""
    text = files("hotline_bridge.contract").joinpath(name).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=_LOADER))  # noqa: S506  (a safe loader, chosen above)


@cache
def contract() -> Mapping[str, Interface]:
    """All interfaces by name: those of the specification in its order, then those that only bridge.yaml has.

    Raises:
        StopRun: An entry is not whole, or does not fit the others; the message names it and what it lacks.
    """
    printed, ours = load("platform.yaml"), load("bridge.yaml")
    try:
        return read(printed["interfaces"], ours["interfaces"], ours["common_fields"])
    except ValueError as error:
        raise StopRun(f"the contract is not whole: {error}", remedy=_REMEDY) from None


def read(
    printed: list[dict[str, Any]], ours: Mapping[str, dict[str, Any]], common: Mapping[str, dict[str, Any]]
) -> Mapping[str, Interface]:
    """The interfaces of some entries.

    Args:
        printed: Entries of platform.yaml.
        ours: By name, what bridge.yaml adds to them; a name that is not printed has its whole entry here.
        common: By wire name, what is added to a field wherever it stands.

    Raises:
        ValueError: An entry is not whole, or does not fit the others.
    """
    entries = {entry["name"]: entry for entry in printed}
    entries |= {name: {"name": name} for name in ours if name not in entries}
    interfaces = {name: _join(entry, ours.get(name, {}), common) for name, entry in entries.items()}
    _refuse_strangers(interfaces)
    return MappingProxyType(interfaces)


def _refuse_strangers(interfaces: Mapping[str, Interface]) -> None:
    """Raises ValueError where an interface names one that is not there, or that has not what it is named for."""
    for interface in interfaces.values():
        for reference in filter(None, (interface.parent, interface.served_by)):
            other = interfaces.get(reference.of)
            if other is None or other.table is None or other.key is None:
                raise ValueError(f"{interface.name} refers to {reference.of}, which has no table or no key")
        named = (interface.acknowledged_by, interface.becomes, interface.returned_by, *interface.counts.values())
        for name in filter(None, named):
            if name not in interfaces:
                raise ValueError(f"{interface.name} names {name}, which is no interface")
        if interface.becomes and not any(interface.becomes in other.counts.values() for other in interfaces.values()):
            raise ValueError(f"{interface.name} becomes {interface.becomes}, which no interface counts")
    columns: dict[str, Interface] = {}
    for interface in filter(lambda known: known.table, interfaces.values()):
        first = columns.setdefault(str(interface.table), interface)
        if first is not interface and {first.kind, interface.kind} != {"query", "drain"}:
            raise ValueError(f"{interface.name} has the table {interface.table}, which is {first.name}'s")
        if first.columns != interface.columns:
            raise ValueError(f"{interface.name} and {first.name} have one table, {interface.table}, yet other fields")


def _join(printed: dict[str, Any], ours: dict[str, Any], common: Mapping[str, dict[str, Any]]) -> Interface:
    """The printed entry with our additions laid over it; fields take the additions common to their name too."""
    rest = {name: value for name, value in ours.items() if name not in {"fields", "answer_fields"}}
    entry = {**printed, **rest}
    if lacking := [name for name in (*_WHOLE, *NEEDED.get(entry.get("kind", ""), ())) if entry.get(name) is None]:
        raise ValueError(f"{entry['name']} lacks {', '.join(lacking)}")
    entry["request"] = _fields(entry, "request", ours.get("fields", {}), common)
    entry["response"] = _fields(entry, "response", ours.get("answer_fields", {}), common)
    try:
        return Interface.model_validate(entry)
    except ValidationError as error:
        raise ValueError("; ".join(_in_words(entry["name"], problem) for problem in error.errors())) from None


def _fields(
    entry: dict[str, Any], part: str, own: Mapping[str, Any], common: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Raises ValueError where additions are for a field that is not there."""
    if strange := own.keys() - {field.get("name") for field in entry[part]}:
        raise ValueError(f"{entry['name']} has no {part} field {', '.join(sorted(strange))}")
    # What stands at the field itself wins: a whole entry says there what is special about it.
    return [{**common.get(field.get("name"), {}), **field, **own.get(field.get("name"), {})} for field in entry[part]]


def _in_words(name: str, problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"]))
    said = problem["msg"].removeprefix("Value error, ")
    return said if name in said else ": ".join(filter(None, (f"{name} {place}".rstrip(), said)))


def interfaces_of(flow: str, kind: Kind | None = None) -> tuple[Interface, ...]:
    """The interfaces that a flow carries, or those of one kind among them.

    `telephony`: the four logs of 4.2.3; `order`: the three orders of 4.8.2.1.4; `case`: 4.8.2.1.5.1 to .4; `process`:
    4.8.2.1.6; `feedback`: the drains and queries of 4.2.5 and 4.8.2.1.7.

    Raises:
        ValueError: No interface belongs to such a flow.
    """
    carried = (interface for interface in contract().values() if interface.flow == flow)
    found = tuple(interface for interface in carried if kind in {None, interface.kind})
    if not found:
        raise ValueError(f"no interface belongs to the flow {flow!r}: look at `flow` in contract/bridge.yaml")
    return found


def names_of(flow: str, kind: Kind) -> list[str]:
    """Wire names of what `interfaces_of` gives."""
    return [interface.name for interface in interfaces_of(flow, kind)]
