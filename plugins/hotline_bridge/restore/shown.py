"""What the platform shows of orders that the backup holds as unsent: sent since, still to be sent, or for a person.

The platform gives an order back as a case, with most of the fields that were sent. A content that it shows is not sent
again; where it shows an older one that is known, the newer one goes out; where it shows another, it may be newer than
anything known here (a completion by hand that is lost with the store), and is never overwritten without a person.
"""

from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg import sql

from hotline_bridge.docking import contract_sql
from hotline_bridge.failpoints import reached
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from hotline_bridge.by_hand import ByHand
    from hotline_bridge.reconcile.days import OrderKind

Verdict = Literal["delivered", "held", "unsent", "alike"]
"""`delivered`: the platform shows this content. `held`: it shows one that is unknown here. `unsent`: it shows none, or
an older one. `alike`: it shows what both this content and the one delivered before it would look like."""

Fields = dict[str, str]
"""Texts by column."""

_ENOUGH = 20
"""Orders that must have been compared before a field is left out."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One version that is not settled here."""

    row_id: int
    key: str
    state: str
    fields: Fields
    is_passed: bool
    """Whether somebody let this very content pass."""


class Comparison:
    """Compares contents with cases by the texts that both hold, as far as the platform gives back what was sent.

    Args:
        kind: Kind of orders.
        sample: What was sent, and what the platform shows of it. A field that differs in most of them says nothing.
    """

    def __init__(self, kind: OrderKind, sample: Sequence[tuple[Fields, Fields]] = ()) -> None:
        sent = {field.column for field in kind.put.request if field.kind == "text"}
        self._limits = {
            field.column: field.limit
            for field in kind.case.response
            if field.column in sent and field.kind == "text" and field.format != "moment"
        }
        differing = Counter(column for pair in sample for column in self._limits if not self._is_equal(column, *pair))
        if len(sample) >= _ENOUGH:
            self._limits = {
                column: limit for column, limit in self._limits.items() if differing[column] * 2 <= len(sample)
            }

    def is_shown(self, sent: Fields, shown: Fields) -> bool:
        """Whether a case is what this content looks like there."""
        return all(self._is_equal(column, sent, shown) for column in self._limits)

    def _is_equal(self, column: str, sent: Fields, shown: Fields) -> bool:
        limit = self._limits[column]
        return sent.get(column, "").strip()[:limit] == shown.get(column, "").strip()[:limit]


def judge(
    version: Unsettled, shown: Sequence[Fields | None], delivered: Sequence[Fields], comparison: Comparison
) -> Verdict:
    """What is to become of a version.

    Args:
        version: The version.
        shown: What the platform shows of its order; None where it shows no content (an order that it returned).
        delivered: Contents of the order that the platform is known to have taken.
        comparison: Of its kind.
    """
    cases = [case for case in shown if case is not None]
    if any(comparison.is_shown(version.fields, case) for case in cases):
        is_alike = any(comparison.is_shown(known, case) for known in delivered for case in cases)
        return "alike" if is_alike else "delivered"
    if not shown or any(comparison.is_shown(known, case) for known in delivered for case in cases):
        return "unsent"
    return "unsent" if version.is_passed else "held"


def count_unsettled(local: Connection, kind: OrderKind) -> int:
    """Versions of a kind that the platform may have."""
    [(versions,)] = local.execute(
        "SELECT count(*) FROM hotline.delivery"
        " WHERE interface = %s AND state IN ('waiting', 'rejected', 'held') AND discarded_at IS NULL",
        [kind.put.name],
    ).fetchall()
    return int(versions)


def earlier_days(local: Connection, kind: OrderKind) -> list[datetime]:
    """Begins of days on which unsettled orders of a kind were registered, and which no window of their cases covers."""
    query = read_sql("restore/earlier_days.sql").format(**_parts(kind))
    parameters = {"interface": kind.put.name, "case_interface": kind.case.name}
    return [day for (day,) in local.execute(query, parameters).fetchall()]


def settle_shown(local: Connection, kind: OrderKind, by: ByHand) -> Counter[Verdict]:
    """Settle the versions of a kind by what the platform shows, after its cases were collected.

    Args:
        local: Session on the local store, in autocommit.
        kind: Kind of orders.
        by: Who runs the restore, and why; kept with every version that it changes.

    Returns:
        Versions by verdict; what is held for another reason and not shown is not among them.
    """
    found: Counter[Verdict] = Counter()
    comparison = Comparison(kind, _sample(local, kind))
    after = 0
    while versions := _unsettled(local, kind, after):
        after = versions[-1].row_id
        keys = list({version.key for version in versions})
        shown, delivered = _shown(local, kind, keys), _delivered(local, kind, keys)
        verdicts = {v.row_id: judge(v, shown[v.key], delivered[v.key], comparison) for v in versions}
        decided = {row_id: verdict for row_id, verdict in verdicts.items() if verdict in {"delivered", "held"}}
        local.execute(
            read_sql("restore/decide.sql"),
            {
                "row_ids": list(decided),
                "states": list(decided.values()),
                "actor": by.actor,
                "reason": by.reason,
            },
        )
        reached("orders-settled")
        # What was held before, and is not there, waits for a decision as it did.
        found.update(verdicts[v.row_id] for v in versions if v.state != "held" or verdicts[v.row_id] == "delivered")
    parameters = {"interface": kind.put.name}
    local.execute(read_sql("restore/lapse_resends.sql").format(**_parts(kind)), parameters)
    return found


def _parts(kind: OrderKind) -> dict[str, sql.Composable]:
    return {
        "table": contract_sql.current_table(kind.put),
        "history": contract_sql.history_table(kind.put),
        "key_column": sql.Identifier(kind.put.key_column),
        "case_table": sql.Identifier("hotline", str(kind.case.table)),
        "case_key_column": sql.Identifier(kind.case.key_column),
    }


def _unsettled(local: Connection, kind: OrderKind, after: int) -> list[Unsettled]:
    rows = local.execute(read_sql("restore/unsettled.sql"), {"interface": kind.put.name, "after": after}).fetchall()
    return [Unsettled(row_id, key, state, _fields(body), is_passed) for row_id, key, state, body, is_passed in rows]


def _shown(local: Connection, kind: OrderKind, keys: Sequence[str]) -> defaultdict[str, list[Fields | None]]:
    query = read_sql("restore/shown.sql").format(**_parts(kind))
    shown: defaultdict[str, list[Fields | None]] = defaultdict(list)
    for key, row in local.execute(query, {"keys": keys, "case_interface": kind.case.name}).fetchall():
        shown[key].append(_fields(base64.b64decode(row)) if isinstance(row, str) else row and _texts(row))
    return shown


def _delivered(local: Connection, kind: OrderKind, keys: Sequence[str]) -> defaultdict[str, list[Fields]]:
    query = read_sql("restore/delivered_contents.sql").format(**_parts(kind))
    delivered: defaultdict[str, list[Fields]] = defaultdict(list)
    for key, row in local.execute(query, {"keys": keys, "interface": kind.put.name}).fetchall():
        delivered[key].append(_texts(row))
    return delivered


def _sample(local: Connection, kind: OrderKind) -> list[tuple[Fields, Fields]]:
    query = read_sql("restore/sample.sql").format(**_parts(kind))
    return [(_texts(sent), _texts(shown)) for sent, shown in local.execute(query, {"interface": kind.put.name})]


def _fields(body: bytes) -> Fields:
    """Texts of a body or of a row of an answer; none where it cannot be read."""
    with suppress(ValueError, RecursionError):
        row = json.loads(bytes(body), parse_int=str, parse_float=str)
        if isinstance(row, dict):
            return _texts(row)
    return {}


def _texts(row: Mapping[str, object]) -> Fields:
    return {name.lower(): value for name, value in row.items() if isinstance(value, str)}
