"""Overlay (补全、补单): what is laid over an order makes a version of its own, newer than the docking row's.

Specification 4.7 and 4.8.1.1. The docking row's version is queued as it stands; in the same transaction the order's
newest content with all completions and supplements on it is queued behind it, and the rules of supersession
(architecture: never old after new) send the newer one. So the status adds up, every version keeps its reasons, and
nothing else in the pipeline knows of overlays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.content import shared
from hotline_bridge.outbound.reading import alone
from hotline_bridge.outbound.versions import Policy, prepare, queue
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.steps import reached
from hotline_bridge.store.failures import explain
from hotline_bridge.store.halves import REFUSED, Halves
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface

SUPPLEMENT = "【12345补单 {at}】{content}"
"""How a supplement stands behind the order's own words; its time is Asia/Shanghai."""


class Supplement(NamedTuple):
    """One supplement of 12345: when, as a clock in Shanghai shows it, and its words as they came."""

    at: str
    content: str


def composed(
    interface: Interface, source: bytes, completions: Mapping[str, str], supplements: Iterable[Supplement]
) -> bytes:
    """The request body of an order with everything on it: first the completions, then the supplements behind its text.

    Args:
        interface: A supplemented interface.
        source: The body as 12345 wrote it.
        completions: Values by wire name; the empty text empties a field.
        supplements: In the order in which they are to stand.
    """
    members = json.loads(source)
    values = {field.name: str(members[field.name]) for field in interface.request} | dict(completions)
    added = "".join(SUPPLEMENT.format(at=one.at, content=one.content) for one in supplements)
    if interface.supplemented:
        values[interface.supplemented] += added
    return build_request(interface, values)


def keep_sources(local: Connection, interface: Interface) -> None:
    """Keep the newest content of each order in the batch as 12345 wrote it; in the transaction of the batch."""
    local.execute(read_sql("orders/keep_sources.sql"), {"interface": interface.name, "shared": shared(interface)})


def lay_over_batch(local: Connection, interface: Interface, policy: Policy) -> None:
    """Queue the orders of the batch once more with what lies over them; replaces the batch. In its transaction."""
    keys = [
        key
        for (key,) in local.execute(read_sql("orders/overlaid_in_batch.sql"), {"interface": interface.name}).fetchall()
    ]
    _lay_over(local, interface, policy, keys)


def lay_pending(local: Connection, interfaces: Sequence[Interface], policy: Policy) -> int:
    """Lay completions and supplements that are new, or came before their order, over the orders that are known now.

    Args:
        local: Session on the local store, in autocommit.
        interfaces: The supplemented interfaces, all of them: a supplement names an order, not its kind.
        policy: What the deployment sets.

    Returns:
        Orders that were composed anew.

    Raises:
        StopRun: A table or right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    try:
        return _lay_pending(local, interfaces, policy)
    except psycopg.Error as error:
        raise explain(error, "order_source") from None


def _lay_pending(local: Connection, interfaces: Sequence[Interface], policy: Policy) -> int:
    prepare(local)
    laid = 0
    # Without the supplements' own lock, one that changes now would be marked as laid with its old words.
    with alone(local, "order_supplement", *(interface.name for interface in interfaces)), local.transaction():
        pending = local.execute(read_sql("orders/pending.sql")).fetchall()
        for interface in interfaces:
            keys = sorted({key for name, key, _, _ in pending if name == interface.name})
            parts = Halves(keys)
            for part in parts:
                try:
                    with local.transaction():
                        _lay_over(local, interface, policy, part)
                except psycopg.Error as error:
                    parts.refused(error)
            for key, _ in parts.alone:
                _lay_over(local, interface, policy, [key], reasons=[REFUSED])
            laid += len(keys)
        if laid:
            reached("orders-composed")
        for table in ("order_completion", "order_supplement"):
            row_ids = [row_id for _, _, of, row_id in pending if of == table]
            mark = sql.SQL("UPDATE {} SET laid_at = clock_timestamp() WHERE row_id = any(%s)")
            local.execute(mark.format(sql.Identifier("hotline", table)), [row_ids])
        reached("overlays-laid")
    reached("overlays-committed")
    return laid


def lay_one(local: Connection, interface: Interface, policy: Policy, key: str) -> None:
    """Lay what is valid now over one order; in a transaction, `alone` with its interface."""
    prepare(local)
    _lay_over(local, interface, policy, [key])


def _lay_over(
    local: Connection, interface: Interface, policy: Policy, keys: Sequence[str], reasons: Sequence[str] = ()
) -> None:
    if not keys:
        return
    bodies = list(_compose(local, interface, keys))
    local.execute("DELETE FROM batch")
    local.execute("DELETE FROM version")
    # Our own clock: each laying is newer than whatever was written or laid before it.
    local.execute(
        "INSERT INTO batch (source_tid, written_at, body, reasons)"
        " SELECT '', clock_timestamp(), convert_from(body, 'UTF8'), %s FROM unnest(%s::bytea[]) AS composed (body)",
        [list(reasons), bodies],
    )
    queue(local, interface, policy, times_as_given=True, same_record=True)


def _compose(local: Connection, interface: Interface, keys: Sequence[str]) -> Iterable[bytes]:
    parameters = {"interface": interface.name, "keys": list(keys)}
    completions: dict[str, dict[str, str]] = {}
    for key, field, value in local.execute(read_sql("orders/completions.sql"), parameters).fetchall():
        completions.setdefault(key, {})[field] = value
    supplements: dict[str, list[Supplement]] = {}
    for key, content, at in local.execute(read_sql("orders/supplements.sql"), parameters).fetchall():
        supplements.setdefault(key, []).append(Supplement(at, content))
    for key, source in local.execute(
        "SELECT key, body FROM hotline.order_source WHERE interface = %(interface)s AND key = any(%(keys)s)", parameters
    ).fetchall():
        yield composed(interface, source, completions.get(key, {}), supplements.get(key, []))


def supplemented_interfaces() -> tuple[Interface, ...]:
    """Every interface that supplements and completions are laid over."""
    return tuple(interface for interface in contract().values() if interface.supplemented)
