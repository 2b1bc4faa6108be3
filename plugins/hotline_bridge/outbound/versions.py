"""One batch of contents becomes versions in the queue: rules, flags, audit, supersession, typed table, in one go.

Whoever has contents to be sent (intake, a release from quarantine, an overlay, a decision of the audit) puts them into
the batch table and calls `enqueue` within one local transaction, so that all are judged alike. The printed rules are
SQL over the batch (`row_rules.sql`); two things are looked at in Python: a key that another record has already is
quarantined (编号共用), and numbers that do not check out are flagged and sent all the same (存疑).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from psycopg import sql
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from hotline_bridge.docking import contract_sql
from hotline_bridge.store.database import connect
from hotline_bridge.store.pooled import Pooled, hold, make_tables
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Check, Interface


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
    make_tables(local, read_sql("outbound/versions.sql", "batch_tables"))


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
        same_record: Each content is known to be of the record that has its key.
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
            kept=contract_sql.kept_columns(interface),
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
        same_record: As of `enqueue`.
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
        names: Interfaces by wire name, other docking tables by table name.
    """
    locks = [f"hotline.intake.{name}" for name in sorted(names)]
    if isinstance(local, Pooled) and local.is_pooled:
        with closing(connect(local.conninfo)) as holder:
            hold(holder)
            for lock in locks:
                holder.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            yield
        return
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


def quarantine_shared_keys(local: Connection, interface: Interface) -> None:
    """Quarantine versions of the batch whose key another record has: the one known before them, or the oldest of them.

    Args:
        local: Session on the local store, in the transaction of the batch, after its times are settled.
        interface: The interface of the batch.
    """
    if not interface.named_by:
        return
    parameters = {"interface": interface.name, "shared": contract_sql.shared(interface)}
    contested = local.execute(
        read_sql("outbound/row_rules.sql", "contested").format(
            names=contract_sql.names_of_fields(interface, sql.SQL("v.fields"))
        ),
        parameters,
    ).fetchall()
    if not contested:
        return
    records: defaultdict[str, Record] = defaultdict(Record)
    known = read_sql("outbound/row_rules.sql", "known_names").format(
        names_of_body=contract_sql.names_of_fields(interface, sql.SQL("(convert_from(d.body, 'UTF8')::jsonb)")),
        names_of_row=contract_sql.names_of_typed(interface),
        table=contract_sql.current_table(interface),
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
        {"shared": [contract_sql.shared(interface)], "others": others},
    )


_EXTENSION = re.compile(r"\s*[(（]?\s*(转|分机|ext\.?|x|#)\s*[0-9]{1,6}\s*[)）]?$", re.IGNORECASE)
_SEVERAL = re.compile(r"[、,;/|\n]+")
_ROUNDED = re.compile(r"'.*|[0-9]+[.,][0-9]*(E[+-]?[0-9]+)?|[0-9]+E[+-]?[0-9]+|[0-9]{15}0{3,}|[0-9]{8,}0{4,}")
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]")


@lru_cache(maxsize=8_192)
def is_odd_phone(text: str) -> bool:
    """Whether one of the numbers in a text cannot be dialled in China; `12345` and `匿名` are odd, too.

    Several numbers may be written with a comma, `、`, `;` or `/` between them; extensions are not looked at.
    """
    numbers = [part.strip() for part in _SEVERAL.split(unicodedata.normalize("NFKC", text)) if part.strip()]
    return not numbers or not all(_dials(number) for number in numbers)


def _dials(number: str) -> bool:
    # phonenumbers raises on "转", and the extension says nothing of the number.
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(_EXTENSION.sub("", number), "CN"))
    except phonenumbers.NumberParseException:
        return False


def is_odd_credit_code(text: str) -> bool:
    """Whether a unified social credit code (统一社会信用代码) has the wrong length, characters or check character."""
    return not uscc.is_valid(unicodedata.normalize("NFKC", text).strip().upper())


def is_odd_identity(text: str) -> bool:
    """Whether a text in the form of a resident identity number (身份证号) has a wrong birth date or check digit.

    Numbers of other papers have other forms, and no code of `procertype` is printed: they are not odd. The region is
    not looked at: python-stdnum refuses regions that were renamed after the bearer's birth, which most were.
    """
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not _IDENTITY.fullmatch(number):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return True
    return bool(ric.calc_check_digit(number) != number[-1])


def is_odd_number(text: str) -> bool:
    """Whether a number looks as if a spreadsheet had rounded it: `4.40204E+20`, `440203202611230000000`, `12.0`.

    A spreadsheet keeps 15 digits of a number and shows a long one with an exponent. Four zeros at the end of a long
    number are odd, too: another program may keep more digits.
    """
    return bool(_ROUNDED.fullmatch(unicodedata.normalize("NFKC", text).strip().upper()))


_SOFT_CHECKS: Mapping[Check, tuple[str, Callable[[str], bool]]] = {
    "phone": ("odd_phone", is_odd_phone),
    "credit_code": ("odd_credit_code", is_odd_credit_code),
    "identity": ("odd_identity", is_odd_identity),
    "number": ("odd_number", is_odd_number),
}


def run_soft_checks(local: Connection, interface: Interface) -> None:
    """Flag what does not check out in the versions of the batch, as `field:odd_phone`; it is sent all the same.

    Args:
        local: Session on the local store, in the transaction of the batch, after `check_rows`.
        interface: The interface of the batch.
    """
    looked_at = [
        (field.name, *_SOFT_CHECKS[field.check])
        for field in interface.request
        if field.check and field.check in _SOFT_CHECKS
    ]
    if looked_at:
        values = sql.SQL("SELECT position, {} FROM version").format(
            sql.SQL(", ").join(sql.SQL("fields ->> {}").format(name) for name, _, _ in looked_at)
        )
        positions: list[int] = []
        flags: list[str] = []
        for position, *texts in local.execute(values).fetchall():
            for (name, flag, is_odd), text in zip(looked_at, texts, strict=True):
                if text and text.strip() and is_odd(text):
                    positions.append(position)
                    flags.append(f"{name}:{flag}")
        if flags:
            local.execute(read_sql("outbound/row_rules.sql", "add_flags"), {"positions": positions, "flags": flags})
    for field in interface.request:
        if field.check == "seat":
            local.execute(read_sql("outbound/row_rules.sql", "flag_seats"), {"field": field.name})
