"""One batch of contents becomes versions in the queue: rules, flags, audit, supersession, typed table, in one go.

Whoever has contents to be sent (intake, a release from quarantine, an overlay, a decision of the audit) puts them into
the batch table and calls `enqueue` within one local transaction, so that all are judged alike.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from hotline_bridge.outbound import contract_sql
from hotline_bridge.outbound.row_rules import quarantine_shared_keys, run_soft_checks
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


@dataclass(frozen=True, slots=True)
class Policy:
    """What a deployment sets about judging versions."""

    areas: Collection[str] = ()
    """Known area codes (行政区划代码); others are flagged, never held back. Empty: all are known."""
    audit_required: bool = False
    """Whether new versions of audited interfaces are held for a decision (4.4)."""


PLAIN = Policy()
"""Every area is known, nothing is audited."""


def prepare(local: Connection) -> None:
    """Make the two temporary tables of a batch; they are empty again at the end of every transaction."""
    local.execute(read_sql("outbound/versions.sql", "batch_tables"))


def enqueue(
    local: Connection,
    interface: Interface,
    policy: Policy,
    *,
    times_as_given: bool = False,
    same_record: bool = False,
) -> None:
    """Judge the contents of the batch table and queue them as versions of one interface.

    Args:
        local: Session on the local store, in a transaction, after `prepare`.
        interface: The interface of all of them.
        policy: What the deployment sets.
        times_as_given: `written_at` in the batch is of our own clock and holds to the microsecond.
        same_record: Each content is known to be of the record that has its key (`outbound.row_rules`).
    """
    parameters = {
        "interface": interface.name,
        "fields": json.dumps(contract_sql.row_rules(interface)),
        "key": interface.key,
        "shared": contract_sql.shared(interface),
        "hold": interface.hold,
        "areas": list(policy.areas),
        "audit_required": policy.audit_required,
    }
    local.execute(read_sql("outbound/row_rules.sql", "check_rows"), parameters)
    local.execute(read_sql("outbound/row_rules.sql", "put_aside"))
    if times_as_given:
        local.execute("UPDATE version AS v SET written_at = b.written_at FROM batch AS b WHERE b.position = v.position")
    else:
        local.execute(read_sql("outbound/versions.sql", "keep_times"), parameters)
    if not same_record:
        quarantine_shared_keys(local, interface)
    run_soft_checks(local, interface)
    if interface.audited:
        local.execute(read_sql("outbound/versions.sql", "hold_for_audit"), parameters)
    for name in ("enqueue", "supersede", "choose_current"):
        local.execute(read_sql("outbound/versions.sql", name), parameters)
    for name in ("move_to_history", "insert_current"):
        statement = read_sql("outbound/versions.sql", name).format(
            table=contract_sql.current_table(interface),
            history=contract_sql.history_table(interface),
            key_column=sql.Identifier(interface.key_column),
            columns=contract_sql.typed_columns(interface),
            values=contract_sql.typed_values(interface),
        )
        local.execute(statement)


def enqueue_again(
    local: Connection,
    interface: Interface,
    row_ids: Sequence[int],
    policy: Policy = PLAIN,
    *,
    same_record: bool = False,
) -> None:
    """Judge quarantined and held versions again by today's rules and decisions, as if they came anew.

    Args:
        local: Session on the local store, in a transaction.
        interface: The interface of all of them.
        row_ids: `hotline.delivery.row_id`; those in another state are left alone.
        policy: What the deployment sets.
        same_record: As of `queue`.
    """
    prepare(local)
    local.execute(
        read_sql("outbound/versions.sql", "batch_again"), {"row_ids": list(row_ids), "interface": interface.name}
    )
    enqueue(local, interface, policy, same_record=same_record)


@contextmanager
def alone(local: Connection, *names: str) -> Iterator[None]:
    """Let one run at a time read or decide on these; the others wait.

    Two that overlapped could keep an old reading after a newer one, or both keep theirs as the current one. Taken
    before the transaction, so that what it reads was committed by whoever held the lock before. It ends with the
    session of a killed run.

    Args:
        local: Session on the local store, in autocommit, outside of a transaction.
        names: Interfaces by wire name, docking tables of notes by table name.
    """
    locks = [f"hotline.intake.{name}" for name in sorted(names)]
    taken = 0
    try:
        for lock in locks:
            local.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
            taken += 1
        yield
    finally:
        if not local.broken:
            for lock in locks[:taken]:
                local.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [lock])
