"""Keys that different records share (编号共用): a second content is a correction only where it names the same record.

The platform knows a record by its key alone, so another record under a known key would take its place there. Numbers
that went through a spreadsheet end alike: 178 orders become 41. Such a content is quarantined as `key:shared`, until a
person gives the record a key of its own or says that it is a correction after all. What names a record is data
(`named_by` in contract/bridge.yaml).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.outbound import content
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


class Record:
    """One record, by what its contents say of the fields in `named_by`, in that order; None where one says nothing."""

    def __init__(self) -> None:
        self._said: defaultdict[int, set[str]] = defaultdict(set)

    def add(self, names: Sequence[str | None]) -> None:
        """This content is the record's."""
        for place, name in enumerate(names):
            if name is not None:
                self._said[place].add(name)

    def is_other(self, names: Sequence[str | None]) -> bool:
        """Whether a content is another record's: of what both say, nothing is the same."""
        both_say = [
            (name, self._said[place]) for place, name in enumerate(names) if name is not None and place in self._said
        ]
        return bool(both_say) and all(name not in said for name, said in both_say)


def hold_shared(local: Connection, interface: Interface) -> None:
    """Quarantine versions of the batch whose key another record has: the one known before them, or the oldest of them.

    Args:
        local: Session on the local store, in the transaction of the batch, after its times are settled.
        interface: The interface of the batch.
    """
    if not interface.named_by:
        return
    parameters = {"interface": interface.name, "shared": content.shared(interface)}
    contested = local.execute(
        read_sql("outbound/contested.sql").format(names=content.names_of_fields(interface, sql.SQL("v.fields"))),
        parameters,
    ).fetchall()
    if not contested:
        return
    records: defaultdict[str, Record] = defaultdict(Record)
    known = read_sql("outbound/known_names.sql").format(
        names_of_body=content.names_of_fields(interface, sql.SQL("(convert_from(d.body, 'UTF8')::jsonb)")),
        names_of_row=content.names_of_typed(interface),
        table=content.current_table(interface),
        key_column=sql.Identifier(interface.key_column),
    )
    keys = list({key for _, key, _ in contested})
    for key, names in local.execute(known, {**parameters, "keys": keys}):
        records[key].add(names)
    others = []
    for position, key, names in contested:
        if records[key].is_other(names):
            others.append(position)
        else:
            records[key].add(names)
    local.execute(
        "UPDATE version SET state = 'quarantined', reasons = reasons || %(shared)s WHERE position = any(%(others)s)",
        {"shared": [content.shared(interface)], "others": others},
    )
