"""The code lists (代码表): what each is called, which fields hold its codes, and the versions of its codes."""

from __future__ import annotations

from collections.abc import Mapping  # at run time: pydantic reads the annotations
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import yaml

from hotline_bridge.contract.model import Frozen
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.store.data_files import data_folder, read_lines
from hotline_bridge.store.merge import merge
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from psycopg import Connection

    from hotline_bridge.contract.model import Field, Interface

_COLUMNS = ("code", "name", "valid_from", "valid_to", "source", "source_date")


class CodeList(Frozen):
    """One code list; `fields` maps columns to the interfaces in which they hold its codes."""

    zh: str
    fields: Mapping[str, tuple[str, ...] | Literal["all"]] = {}

    def holds_for(self, interface: Interface, field: Field) -> bool:
        """Whether a field of an interface holds codes of this list."""
        named = self.fields.get(field.column, ())
        return named == "all" or interface.name in named


class CodeVersion(NamedTuple):
    """A code and its content over a time; None: since or until nobody knows when."""

    category: str
    category_zh: str
    code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    source: str
    source_date: date


@cache
def code_lists() -> Mapping[str, CodeList]:
    """All lists by name.

    Raises:
        ValueError: `lists.yaml` names an interface or a field that the contract does not have: the package is damaged.
    """
    text = files("hotline_bridge.standard_data").joinpath("lists.yaml").read_text(encoding="utf-8")
    lists = {name: CodeList.model_validate(entry) for name, entry in yaml.safe_load(text)["lists"].items()}
    for name, known in lists.items():
        for column, interfaces in known.fields.items():
            for interface in contract() if interfaces == "all" else interfaces:
                if interfaces != "all" and column not in {
                    field.column for _, field in _row_fields(contract()[interface])
                }:
                    raise ValueError(f"lists.yaml: {name} names {interface}.{column}, which is no field of its rows")
    return MappingProxyType(lists)


def coded_fields() -> Iterator[tuple[Interface, Field, str]]:
    """Every field of a typed table that holds codes of a list, once a table; with the list's name."""
    seen = set()
    for interface in contract().values():
        for table, field in _row_fields(interface):
            for name, known in code_lists().items():
                if known.holds_for(interface, field) and (table, field.column) not in seen:
                    seen.add((table, field.column))
                    yield interface, field, name


def _row_fields(interface: Interface) -> Iterator[tuple[str, Field]]:
    """The fields of the interface's typed table."""
    if interface.table is not None:
        for field in interface.request if interface.kind == "report" else interface.response:
            yield interface.table, field


def read_codes(folder: Path | None = None) -> list[CodeVersion]:
    """All versions of all codes, as the files hold them.

    Args:
        folder: Of the files; `standard_data` in `data_folder()`.

    Raises:
        StopRun: A file is missing or wrong, or two versions of a code overlap.
    """
    folder = folder or data_folder() / "standard_data"
    if unknown := {path.stem for path in folder.glob("*.csv")} - code_lists().keys():
        raise StopRun(
            f"standard_data/{min(unknown)}.csv belongs to no list",
            remedy=f"name it as one of {', '.join(code_lists())}",
        )
    return [version for name, known in code_lists().items() for version in _versions(folder, name, known.zh)]


def _versions(folder: Path, name: str, zh: str) -> Iterable[CodeVersion]:
    found: dict[str, list[CodeVersion]] = {}
    for line in read_lines(folder / f"{name}.csv", _COLUMNS):
        begin, end = line.day("valid_from"), line.day("valid_to")
        if begin and end and end < begin:
            raise StopRun(f"{line.where}: valid_to lies before valid_from", remedy="fix the line")
        version = CodeVersion(
            *(name, zh, line.required("code"), line.required("name"), begin, end),
            line.required("source"),
            line.required_day("source_date"),
        )
        found.setdefault(version.code, []).append(version)
    for code, versions in found.items():
        versions.sort(key=lambda version: version.valid_from or date.min)
        for earlier, later in pairwise(versions):
            if (earlier.valid_to or date.max) >= (later.valid_from or date.min):
                raise StopRun(
                    f"standard_data/{name}.csv: two versions of code {code} overlap",
                    remedy="give the earlier one a valid_to before the valid_from of the later one",
                )
        yield from versions


def load_standard_data(local: Connection, folder: Path | None = None) -> int:
    """Bring `hotline.standard_data` to what the files say; lists that somebody delivered (`delivery`) stay as they are.

    Args:
        local: Session on the local store, in autocommit.
        folder: See `read_codes`.

    Returns:
        Versions that were added, changed or removed.

    Raises:
        StopRun: As `read_codes`; nothing is changed then.
    """
    codes = read_codes(folder)
    with local.transaction():
        standard_data_lock(local)
        in_use = local.execute(read_sql("standard_data/delivery.sql", "in_use")).fetchall()
        delivered = {category for category, _ in in_use if category in code_lists()}
        kept = [version for category in delivered for version in read_list(local, category)]
        versions = [*kept, *(version for version in codes if version.category not in delivered)]
        return merge(local, "standard_data", CodeVersion._fields, ("category", "code", "valid_from"), versions)


def standard_data_lock(local: Connection) -> None:
    """Until the caller's transaction ends, nobody else changes a code list."""
    local.execute("SELECT pg_advisory_xact_lock(hashtextextended('hotline.standard_data', 0))")


def read_list(local: Connection, category: str) -> list[CodeVersion]:
    """All versions of the codes of one list as they are stored, by code and day."""
    found = local.execute(read_sql("standard_data/versions.sql"), {"categories": [category]}).fetchall()
    return [CodeVersion(*version) for version in found]
