"""Openings of the order form (specification 4.1.2, step 3): one address for one person, ten minutes, once.

12345's server asks for an address and its page opens it. The first request of that address uses it up; the form then
carries a key of its own, by which it is checked and submitted for eight hours. Both are random, kept as hashes, and
stand in no cookie. What 12345 prefills is kept until the form is opened, and what is typed is kept nowhere.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection
    from psycopg.sql import SQL


@dataclass(frozen=True, slots=True)
class Launch:
    """What an opening is for."""

    client: str
    """AppId of the client that asked for it."""
    origins: Sequence[str]
    """Web origins that may embed the form."""
    interface: str
    """The kind of the order, by wire name."""
    regino: str
    operator: str
    """Who opens it, as 12345 names them."""
    opener_origin: str
    """Whom the form tells that it was submitted."""
    prefill: Mapping[str, str] = field(repr=False)
    """By wire name."""


@dataclass(frozen=True, slots=True)
class Opened(Launch):
    """A form that was opened."""

    row_id: int = 0
    submitted_at: datetime | None = None


class UsedUp(Exception):  # noqa: N818  (an answer, not an error)
    """An address that opens nothing: it was opened already, its ten minutes are over, or nobody gave it out."""

    def __init__(self, *, is_known: bool, is_used: bool, origins: Sequence[str]) -> None:
        super().__init__("the address opens nothing")
        self.is_known = is_known
        self.is_used = is_used
        self.origins = origins


def launch(local: Connection, wanted: Launch, ticket: str | None = None) -> str | None:
    """Give out the ticket of an address.

    Args:
        local: Session on the local store, in autocommit.
        wanted: What for.
        ticket: One that somebody else made; a random one where it is None.

    Returns:
        The ticket; None where this one was given out before.
    """
    ticket = ticket or secrets.token_urlsafe(32)
    prefill = json.dumps(dict(wanted.prefill), ensure_ascii=False) if wanted.prefill else None
    row = local.execute(
        _sql("launch"),
        {
            "ticket_hash": _hash(ticket),
            "client": wanted.client,
            "origins": list(wanted.origins),
            "interface": wanted.interface,
            "regino": wanted.regino,
            "operator": wanted.operator,
            "opener_origin": wanted.opener_origin,
            "prefill": prefill,
        },
    ).fetchone()
    return ticket if row else None


def forget_late(local: Connection) -> None:
    """Forget what was prefilled for forms that nobody opened in ten minutes, some at a time."""
    while local.execute(_sql("forget")).rowcount:
        pass


def open_form(local: Connection, ticket: str) -> tuple[str, Opened]:
    """Use a ticket up.

    Args:
        local: Session on the local store; in a transaction, so that a form that cannot be shown uses none up.
        ticket: From the address.

    Returns:
        The key of the form, and what it is for.

    Raises:
        UsedUp: The ticket opens nothing.
    """
    key = secrets.token_urlsafe(32)
    row = local.execute(_sql("open"), {"ticket_hash": _hash(ticket), "key_hash": _hash(key)}).fetchone()
    if row is None:
        known = local.execute(_sql("ticket"), {"ticket_hash": _hash(ticket)}).fetchone()
        origins, is_used = known or ([], False)
        raise UsedUp(is_known=known is not None, is_used=is_used, origins=origins)
    return key, _opened(*row)


def find_opened(local: Connection, key: str) -> Opened | None:
    """The opening that the key of a form belongs to; None where its time is over or nobody gave it out."""
    row = local.execute(_sql("opened"), {"key_hash": _hash(key)}).fetchone()
    return _opened(*row) if row else None


def hold(local: Connection, opened: Opened) -> datetime | None:
    """Let the submissions of an opening act one after the other, in a transaction. Returns when it was submitted."""
    [(submitted_at,)] = local.execute(_sql("hold"), {"row_id": opened.row_id}).fetchall()
    found: datetime | None = submitted_at
    return found


def note_submitted(local: Connection, opened: Opened) -> None:
    """Note that it was submitted, in the transaction of `hold`."""
    local.execute(_sql("submitted"), {"row_id": opened.row_id})


def last_submission(local: Connection, interface: str, regino: str) -> datetime | None:
    """When the order was last submitted by a form."""
    row = local.execute(_sql("last_submission"), {"interface": interface, "regino": regino}).fetchone()
    return row[0] if row else None


def is_in_areas(local: Connection, regino: str, areas: Sequence[str], area_at: int) -> bool:
    """Whether an order's number lies in one of the areas, as the gateway tells it for feedback."""
    query = "SELECT hotline.is_in_areas(%s, %s::text[], %s)"
    [(found,)] = local.execute(query, [regino, list(areas), area_at]).fetchall()
    return bool(found)


def _opened(
    row_id: int,
    client: str,
    origins: Sequence[str],
    interface: str,
    regino: str,
    operator: str,
    opener_origin: str,
    submitted_at: datetime | None,
    prefill: Mapping[str, str] | None,
) -> Opened:
    return Opened(client, origins, interface, regino, operator, opener_origin, prefill or {}, row_id, submitted_at)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()


def _sql(name: str) -> SQL:
    return read_sql("gateway/form_launches.sql", name)
