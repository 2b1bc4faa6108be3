"""Who may call the gateway (调用方): made, given a new token, and revoked by commands; looked up at each call.

A token is 256 random bits and is kept as its SHA-256: whoever reads the table can sign nothing.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from psycopg import errors

from hotline_bridge.errors import StopRun
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from psycopg import Connection

_SQL = "gateway/clients.sql"
_AREA = re.compile(r"[0-9]{6}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls, as the gateway knows it."""

    client_id: int
    name: str
    app_id: str
    areas: tuple[str, ...]
    """Area codes that it may see; a pair of noughts at the end stands for all below."""
    area_at: int
    """At which character of an order's number the area code begins, from 1."""
    origins: tuple[str, ...]
    """Web origins whose pages may embed the order form."""
    token_hashes: tuple[bytes, ...]
    """SHA-256 of each token that is valid now."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller is told once, and nobody after that."""

    name: str
    app_id: str
    token: str
    areas: tuple[str, ...] = ()
    waiting: int = 0
    """Feedback that it is to fetch."""
    old_until: datetime | None = None
    """Until when the token before this one is taken too."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A client, and how it stands with the feedback that it is to fetch."""

    name: str
    app_id: str
    areas: tuple[str, ...]
    made_at: datetime
    revoked_at: datetime | None
    fetched_at: datetime | None
    waiting: int
    offered: int
    """Of these, given out and not acknowledged."""
    acknowledged: int
    oldest_at: datetime | None
    """Since when the oldest of the waiting ones waits."""
    tokens: int
    """Tokens that are taken now."""


def token_hash(token: str) -> bytes:
    """As a token is kept."""
    return sha256(token.encode()).digest()


def add_client(  # noqa: D417  (the rest is as in Client)
    local: Connection,
    name: str,
    areas: Sequence[str],
    *,
    area_at: int = 1,
    origins: Sequence[str] = (),
    since: datetime | None = None,
) -> Given:
    """Make a client, with all feedback on orders of its areas to fetch.

    Args:
        since: Leave out feedback that was stored before; aware.

    Raises:
        StopRun: The name is taken, or a value cannot be used.
    """
    _check(areas, origins)
    app_id, token = secrets.token_hex(8), secrets.token_urlsafe(32)
    with local.transaction():
        # No feedback is stored meanwhile by who does not see this client yet.
        local.execute(read_sql(_SQL, "lock_feedback"))
        values = {"name": name, "app_id": app_id, "areas": [*areas], "area_at": area_at, "origins": [*origins]}
        try:
            [(client,)] = local.execute(read_sql(_SQL, "add"), values).fetchall()
        except errors.UniqueViolation:
            remedy = "choose another name; one that is in use gets a new token by `hotline client rotate`"
            raise StopRun(f"a client {name} is there already", remedy=remedy) from None
        local.execute(read_sql(_SQL, "add_token"), {"client": client, "token_hash": token_hash(token)})
        offered = {"client": client, "since": since, "areas_before": []}
        waiting = local.execute(read_sql(_SQL, "offer"), offered).rowcount
    return Given(name, app_id, token, (*areas,), waiting)


def set_areas(local: Connection, name: str, areas: Sequence[str], *, since: datetime | None = None) -> int:
    """Give a client other areas: what it is to fetch of others is withdrawn, feedback of the new ones is added.

    Args:
        local: Session on the local store.
        name: Of the client.
        areas: All that it is to see from now on.
        since: Of new ones, leave out feedback that was stored before; aware.

    Returns:
        Feedback that waits for it now.

    Raises:
        StopRun: There is no such client, or an area cannot be used.
    """
    _check(areas)
    with local.transaction():
        local.execute(read_sql(_SQL, "lock_feedback"))
        client = _found(local, name)
        [(before,)] = local.execute("SELECT areas FROM hotline.gateway_client WHERE client_id = %s", [client])
        local.execute(read_sql(_SQL, "set_areas"), {"client": client, "areas": [*areas]})
        local.execute(read_sql(_SQL, "withdraw"), {"client": client})
        local.execute(read_sql(_SQL, "offer"), {"client": client, "since": since, "areas_before": before})
    return next(one.waiting for one in list_clients(local) if one.name == name)


def rotate_token(local: Connection, name: str, overlap: timedelta) -> Given:
    """Give a client a new token; the one before is taken for a while longer, any older ones no more.

    Raises:
        StopRun: There is no such client.
    """
    token = secrets.token_urlsafe(32)
    with local.transaction():
        client = _found(local, name)
        ended = local.execute(read_sql(_SQL, "end_tokens"), {"client": client, "overlap": overlap}).fetchall()
        local.execute(read_sql(_SQL, "add_token"), {"client": client, "token_hash": token_hash(token)})
        [(app_id,)] = local.execute("SELECT app_id FROM hotline.gateway_client WHERE client_id = %s", [client])
    return Given(name, app_id, token, old_until=max((until for (until,) in ended), default=None))


def revoke(local: Connection, name: str, *, old_token_only: bool = False) -> int:
    """End a client, or only the token before its newest one.

    Returns:
        Tokens that are taken no more.

    Raises:
        StopRun: There is no such client.
    """
    with local.transaction():
        client = _found(local, name)
        if not old_token_only:
            local.execute(read_sql(_SQL, "revoke"), {"client": client})
        return local.execute(
            read_sql(_SQL, "revoke_tokens"), {"client": client, "old_token_only": old_token_only}
        ).rowcount


def list_clients(local: Connection) -> list[Listed]:
    """All clients, those in use first."""
    return [
        Listed(name, app_id, tuple(areas), *rest)
        for name, app_id, areas, *rest in local.execute(read_sql(_SQL, "list")).fetchall()
    ]


def _found(local: Connection, name: str) -> int:
    found = local.execute(read_sql(_SQL, "find"), {"name": name}).fetchone()
    if found is None:
        raise StopRun(f"no client {name} is in use", remedy="see `hotline client list`")
    return int(found[0])


def _check(areas: Sequence[str], origins: Sequence[str] = ()) -> None:
    if not areas or not all(_AREA.fullmatch(area) for area in areas):
        raise StopRun("an area must be six digits", remedy="give --area 440200; 000000 stands for all areas")
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise StopRun(
            "an origin must be scheme, host and port alone", remedy="give it as --origin https://12345.example.gov.cn"
        )
