"""Erases what tells a person, by telephone and identity numbers (docs/personal-data.md).

Rows stay, so that every count stays; numbers, names, addresses, links and texts go from typed tables, histories,
request bodies, landed answers, quarantine, notes and completions. Records are remembered by their keys: what comes
again of them is erased by triggers as it is stored.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from psycopg import sql

from hotline_bridge.contract.register import table_classes
from hotline_bridge.docking.contract_sql import current_table, history_table
from hotline_bridge.errors import StopRun
from hotline_bridge.personal.keys import key_state
from hotline_bridge.store.metadata import ERASER, triggers_of
from hotline_bridge.store.sql import read_sql
from hotline_bridge.store.typed_tables import typed_interfaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from psycopg import Connection, Cursor

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.contract.model import Interface

Kind = Literal["order", "call"]
_FILE = "personal/erase.sql"
_IDENTITY = re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]|(?=.*[A-Za-z]).+")
_BESIDE_TABLES = (
    *("versions", "exchanges", "other_versions", "sources", "answers", "held_back_answers", "notes"),
    *("supplements", "urges", "completions", "facts", "audits", "actions"),
)
_ELSEWHERE: Mapping[str, str] = MappingProxyType({"text": "number_in_texts", "phone": "number_in_phones"})


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one person, as somebody wrote them."""

    phones: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()

    @classmethod
    def told(cls, lines: Iterable[str]) -> Numbers:
        """Numbers told apart: of 15 digits, of 18 characters or with letters they are identity numbers.

        Raises:
            StopRun: There is none.
        """
        numbers = list(filter(None, map(str.strip, lines)))
        if not numbers:
            raise StopRun("no number was given", remedy="give telephone or identity numbers, one a line")
        identities = [number for number in numbers if _IDENTITY.fullmatch(re.sub(r"[\s-]", "", number))]
        return cls(tuple(number for number in numbers if number not in identities), tuple(identities))


@dataclass(slots=True)
class Erased:
    """What was erased, or would be."""

    orders: int = 0
    calls: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    """Rows that changed, by table and by kind of what is kept beside tables."""
    also_theirs: int = 0
    """Orders with the same identity number under another telephone number: not erased."""


@dataclass(slots=True)
class _Found:
    """Records of a person by kind and key, with the keys of persons that their rows have."""

    records: dict[tuple[Kind, str], tuple[str | None, str | None]] = field(default_factory=dict)

    def add(self, kind: Kind, key: str, person_key: str | None = None, identity_key: str | None = None) -> None:
        known = self.records.get((kind, key), (None, None))
        self.records[kind, key] = (known[0] or person_key, known[1] or identity_key)

    def of(self, kind: Kind) -> list[str]:
        return [key for known, key in self.records if known == kind]


def erase(
    local: Connection, numbers: Numbers, by: ByHand | None, *, show: Callable[[int], None] = lambda _percent: None
) -> Erased:
    """Erase a person's data, in one transaction: whole, or not at all. Writers of typed tables wait for it.

    Args:
        local: Session on the local store, in autocommit.
        numbers: Of the person.
        by: Who erases, and why; None tries it and takes it back.
        show: Called with the per cent of all tables in whose words the numbers were looked for: most of the time.

    Raises:
        StopRun: No number is one, a version of a record is not with the platform yet, or the key is being changed.
    """
    with local.transaction(force_rollback=by is None):
        return _Erasure(local, numbers, by, show).run()


class _Erasure:
    """One erasure, inside a transaction."""

    def __init__(self, local: Connection, numbers: Numbers, by: ByHand | None, show: Callable[[int], None]) -> None:
        self._local = local
        self._by = by
        self._show = show
        self._salt = secrets.token_hex(32)
        self._typed = [known for known in typed_interfaces() if known.of_citizens]
        self._known: dict[str, object] = {}
        [known] = self._ask("known", phones=list(numbers.phones), identities=list(numbers.identities))
        self._phones, self._identities, self._person_keys, self._identity_keys = (
            list(map(str, each)) for each in known
        )
        self._known = {
            "phones": self._phones,
            "identities": self._identities,
            "numbers": [*self._phones, *self._identities],
            "person_keys": self._person_keys,
            "identity_keys": self._identity_keys,
            "interfaces": [known.name for known in self._typed if known.kind == "report"],
            "personal_fields": sorted({each.name for known in self._typed for each in known.of_citizens}),
            "actor": by.actor if by else "",
            "reason": by.reason if by else "",
        }
        if left := key_state(local).tables_left:
            raise StopRun(
                f"rows of {left} tables have the key before the last change, and are not found by this one",
                remedy="run `hotline person-key rotate`, which goes on with that change, then erase again",
            )
        if not self._known["numbers"]:
            raise StopRun("what was given is no telephone and no identity number", remedy="give it with all its digits")

    def run(self) -> Erased:
        self._lock()
        found = self._find()
        orders, calls = found.of("order"), found.of("call")
        self._known |= {"orders": orders, "calls": calls}
        self._known["versions"] = [*orders, *calls, *(key for (key,) in self._ask("recordings"))]
        self._refuse_unsettled()
        done = Erased(len(orders), len(calls), also_theirs=self._also_theirs(found))
        [(self._known["names"],)] = self._ask("names")
        self._remember(found)
        counts = Counter(dict(self._erase_rows(found)))
        counts.update({name: self._change(name) for name in _BESIDE_TABLES})
        counts.update(Counter(dict(self._elsewhere())))
        done.rows = {name: count for name, count in counts.items() if count}
        if self._by:
            self._change("log", person_hashes=[*self._person_keys, *self._identity_keys])
        return done

    def _lock(self) -> None:
        """No row of these tables is stored meanwhile by a run that does not know yet what is erased."""
        names = [*(str(known.table) for known in self._typed), "order_source", "quarantined_answer", "landing"]
        tables_ = sql.SQL(", ").join(sql.Identifier("hotline", name) for name in dict.fromkeys(names))
        self._local.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(tables_))

    def _find(self) -> _Found:
        found = _Found()
        for interface in filter(lambda known: known.person, self._typed):
            kind = interface.belongs_to[0]
            for table in _both(interface):
                for key, person_key, identity_key in self._ask("find_typed", {"table": table, **_parts(interface)}):
                    found.add(kind, str(key), person_key, identity_key)
            if interface.kind == "report":
                fields = [each.name for each in interface.of_citizens if each.personal == "phone"]
                identity = interface.person and interface.person.identity
                held = self._ask(
                    "find_held_back", interface=interface.name, phone_fields=fields, identity_field=identity
                )
                for (key,) in held:
                    found.add(kind, str(key))
        for (key,) in self._ask("find_answers"):
            found.add("order", str(key))
        return found

    def _refuse_unsettled(self) -> None:
        [(count,)] = self._ask("unsettled")
        if count:
            raise StopRun(
                f"{count} versions of these records are not with the platform yet; nothing was erased",
                remedy="let them be sent, or give them up with `hotline discard`, then erase again",
            )

    def _also_theirs(self, found: _Found) -> int:
        """Orders that the identity numbers of the found ones have elsewhere."""
        keys = sorted({key for _, key in found.records.values() if key})
        asked = [known for known in self._typed if known.kind == "report" and known.person and known.person.identity]
        return sum(
            int(str(count))
            for known in asked
            for (count,) in self._ask("also_theirs", {"table": _both(known)[0], **_parts(known)}, identity_keys=keys)
        )

    def _remember(self, found: _Found) -> None:
        records = [
            {"kind": kind, "key": key, "person_key": self._other(one), "identity_key": self._other(two)}
            for (kind, key), (one, two) in found.records.items()
        ]
        self._change("remember", records=json.dumps(records))

    def _other(self, key: str | None) -> str | None:
        """What stands in the place of a key: random, and the same for all rows of this person."""
        return None if key is None else sha256((self._salt + key).encode()).hexdigest()

    def _erase_rows(self, found: _Found) -> Iterator[tuple[str, int]]:
        for interface in self._typed:
            kind, *rest = triggers_of(interface)[ERASER]
            for name in (str(interface.table), f"{interface.table}_history"):
                given = [name, kind, *rest, found.of(interface.belongs_to[0]), self._salt]
                [(count,)] = self._local.execute(
                    "SELECT hotline.erase_rows(%s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[], %s)", given
                ).fetchall()
                yield name, count

    def _elsewhere(self) -> Iterator[tuple[str, int]]:
        """The numbers in texts and as telephone numbers of other records, of companies and of staff."""
        spelled = ("[ -]?".join(each) for each in [*self._phones, *self._identities])
        self._known["pattern"] = "|".join(f"(?<![0-9]){each}(?![0-9])" for each in spelled)
        fed = {f"{known.table}{suffix}": _fed(known) for known in self._typed for suffix in ("", "_history")}
        names = self._ask("tables")
        for number, (name,) in enumerate(names, start=1):
            changed = 0
            for column, of_class in table_classes(str(name)).items():
                if of_class in _ELSEWHERE:
                    by_key = sql.SQL(
                        "t.person_key = any(%(person_keys)s::text [])" if fed.get(str(name)) == column else "TRUE"
                    )
                    parts = {"table": sql.Identifier("hotline", str(name)), "changed": sql.Identifier(column)}
                    changed += self._change(_ELSEWHERE[of_class], {**parts, "may_hold": by_key})
            self._show(100 * number // len(names))
            yield str(name), changed

    def _ask(self, name: str, parts: Mapping[str, sql.Composable] | None = None, **more: object) -> list[Any]:
        return self._run(name, parts, more).fetchall()

    def _change(self, name: str, parts: Mapping[str, sql.Composable] | None = None, **more: object) -> int:
        return self._run(name, parts, more).rowcount

    def _run(self, name: str, parts: Mapping[str, sql.Composable] | None, more: Mapping[str, object]) -> Cursor[Any]:
        return self._local.execute(read_sql(_FILE, name).format(**(parts or {})), {**self._known, **more})


def _both(interface: Interface) -> tuple[sql.Identifier, sql.Identifier]:
    return current_table(interface), history_table(interface)


def _fed(interface: Interface) -> str | None:
    """The column whose number `person_key` is made of, wherever it holds one: the key finds it without reading all."""
    return interface.person.phone[0].lower() if interface.person else None


def _parts(interface: Interface) -> dict[str, sql.Composable]:
    """The columns by which a table tells its record and the person."""
    others = [
        each.column for each in interface.of_citizens if each.personal == "phone" and each.column != _fed(interface)
    ]
    holds = sql.SQL("hotline.normal_phone({}) = any(%(phones)s::text [])")
    has_identity = interface.person and interface.person.identity
    return {
        "record": sql.Identifier("t", interface.belongs_to[1]),
        "other_phones": sql.SQL(" OR ").join(holds.format(sql.Identifier("t", other)) for other in others)
        if others
        else sql.SQL("FALSE"),
        "identity_key": sql.Identifier("t", "identity_key") if has_identity else sql.SQL("NULL::text"),
    }
