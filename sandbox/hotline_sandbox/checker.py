"""Whether a history keeps the promise: invariants I1 to I8, from the sandbox's memory of every call and both stores.

At the end of a run with faults, whatever they were, `check` gives every breach with its interface and key, and never a
value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import seconds
from hotline_bridge.inbound.rows import read_rows
from hotline_bridge.inbound.windows import is_full
from hotline_bridge.outbound.status import copy_docking_versions
from hotline_bridge.platform_client.answers import read_envelope
from hotline_sandbox.contents import contents

if TYPE_CHECKING:
    from psycopg import Connection

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.contents import Contents
    from hotline_sandbox.server.history import CallRecord

LONGEST_TRY_S = 31.0
"""A try has 30 seconds (docs/delivery.md), and one to be cut off in."""
LONGEST_WAIT = timedelta(hours=1, minutes=30)
"""The longest pause is an hour, jittered."""
STANDS_STILL = timedelta(minutes=10)
"""No statement or open transaction of the bridge lasts so long."""
_MILLISECOND = timedelta(milliseconds=1)


class Breach(NamedTuple):
    """One thing that must not be."""

    invariant: str
    """I1 to I8."""
    interface: str
    """Or the table that it is about."""
    key: str
    """Order number, call number or window; empty where no single one is to blame."""
    what: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run left behind."""

    history: Sequence[CallRecord]
    local: Connection
    docking: Connection | None
    clean: Contents | None
    said: str


def check(
    history: Sequence[CallRecord],
    docking: Connection | None,
    local: Connection,
    *,
    clean: Contents | None = None,
    said: str = "",
) -> list[Breach]:
    """All breaches that can be seen once a run has ended and nothing is due any more.

    Args:
        history: Every call that the platform received, of one store since it was empty.
        docking: Session of the bridge on the docking store, in autocommit; None where it plays no part.
        local: Session of the bridge on the local store, in autocommit.
        clean: What a run of the same without faults left (`contents`); None if there was none.
        said: All that the processes wrote: logs, output, tracebacks.
    """
    evidence = Evidence(history, local, docking, clean, said)
    return [breach for invariant in INVARIANTS for breach in invariant(evidence)]


def nothing_lost(evidence: Evidence) -> Iterator[Breach]:
    """I1: what is due is with the platform, or put aside with a reason."""
    accepted = {(call["interface"], call["body_sha256"]) for call in evidence.history if call["accepted"]}
    for name, key, sha in evidence.local.execute(
        "SELECT interface, key, encode(body_sha256, 'hex') FROM hotline.delivery WHERE state = 'delivered'"
    ):
        if (name, sha) not in accepted:
            yield Breach("I1", name, key, "delivered, and the platform has not got it")
    for name, key in evidence.local.execute(
        "SELECT interface, key FROM hotline.delivery WHERE state = 'quarantined' AND reasons = '{}'"
        " OR state = 'rejected' AND message IS NULL"
        " UNION ALL SELECT interface, key FROM hotline.quarantined_answer WHERE reasons = '{}'"
    ):
        yield Breach("I1", name, key, "put aside without a reason")
    for name, key, is_marked in _without_version(evidence):
        if not is_marked:
            yield Breach("I1", name, key, "stands in the docking store, and nobody has taken it in")


def nothing_repeated(evidence: Evidence) -> Iterator[Breach]:
    """I2: what was answered is never sent again; what was sent again is the same bytes under the same key."""
    reports = _reports()
    versions = {
        (name, sha): (key, rounds, known_at, is_again)
        for name, sha, key, rounds, known_at, is_again in evidence.local.execute(
            "SELECT d.interface, encode(d.body_sha256, 'hex'), d.key, d.rounds,"
            " CASE WHEN d.state = 'delivered' THEN d.settled_at END,"
            " d.resend IS NOT NULL OR count(*) OVER (PARTITION BY d.interface, d.body_sha256) > 1 OR EXISTS ("
            "  SELECT FROM hotline.operator_action AS a WHERE a.delivery_id = d.row_id AND a.action = 'replay')"
            " FROM hotline.delivery AS d"
        )
    }
    tries = {
        (name, sha): (tried, successes)
        for name, sha, tried, successes in evidence.local.execute(
            "SELECT interface, encode(body_sha256, 'hex'), count(*), count(*) FILTER (WHERE outcome = 'delivered')"
            " FROM hotline.interaction_log WHERE interface = any(%s) GROUP BY 1, 2",
            [list(reports)],
        )
    }
    calls: defaultdict[tuple[str, str], list[CallRecord]] = defaultdict(list)
    for call in evidence.history:
        if call["interface"] in reports:
            calls[str(call["interface"]), call["body_sha256"]].append(call)
    for (name, sha), made in calls.items():
        told = str(made[0]["key"] or "")
        if (name, sha) not in versions:
            yield Breach("I2", name, told, "a body was sent that is no version's")
            continue
        key, rounds, known_at, is_again = versions[name, sha]
        tried, successes = tries.get((name, sha), (0, 0))
        if told != key:
            yield Breach("I2", name, key, "sent under another key")
        if is_again:
            continue
        if successes > sum(call["accepted"] for call in made):
            yield Breach("I6", name, key, "one success is written down several times")
        elif successes > 1 or (known_at and any(_received(call) > known_at for call in made)):
            yield Breach("I2", name, key, "sent again though its success was written down")
        elif len(made) > tried and rounds <= 1:
            yield Breach("I2", name, key, "sent more often than was written down, though no sender was lost")


def acknowledged_after_commit(evidence: Evidence) -> Iterator[Breach]:
    """I3: feedback is stored before it is acknowledged."""
    for name, drains in _acknowledgements().items():
        acknowledged: dict[str, datetime] = {}
        for call in evidence.history:
            if call["interface"] == name and call["accepted"]:
                for number in str(call["key"]).split(","):
                    acknowledged.setdefault(number, _received(call))
        stored: dict[str, datetime] = {}
        for drain in drains if acknowledged else ():
            query = sql.SQL(
                "SELECT key, min(at) FROM (SELECT {key} AS key, loaded_at AS at FROM {table} UNION ALL SELECT {key},"
                " loaded_at FROM {history} UNION ALL SELECT key, first_seen_at FROM hotline.quarantined_answer"
                " WHERE interface = {drain}) AS s WHERE key = any(%s) GROUP BY key"
            ).format(
                key=sql.Identifier(drain.key_column),
                table=sql.Identifier("hotline", str(drain.table)),
                history=sql.Identifier("hotline", f"{drain.table}_history"),
                drain=sql.Literal(drain.name),
            )
            for number, at in evidence.local.execute(query, [list(acknowledged)]):
                stored[number] = min(at, stored.get(number, at))
        for number, at in acknowledged.items():
            if number not in stored:
                yield Breach("I3", name, number, "acknowledged, and stored nowhere")
            elif stored[number] > at + _MILLISECOND:
                yield Breach("I3", name, number, "acknowledged before it was stored")


def same_end(evidence: Evidence) -> Iterator[Breach]:
    """I4: the tables are those of a run without faults."""
    if evidence.clean is None:
        return
    found = contents(evidence.docking, evidence.local)
    for table, rows in evidence.clean.items():
        for (key, _), count in sorted((rows - found[table]).items()):
            yield Breach("I4", table, key, f"{count} rows of a clean run are missing, or differ")
        for (key, _), count in sorted((found[table] - rows).items()):
            yield Breach("I4", table, key, f"{count} rows that no clean run has")


def mark_behind_rows(evidence: Evidence) -> Iterator[Breach]:
    """I5: what is marked as collected, or as asked, is here; and no stretch of time is without a window."""
    for name, key, is_marked in _without_version(evidence):
        if is_marked:
            yield Breach("I5", name, key, "marked as collected, and in no state")
    for table, (columns, kept) in _NOTES.items() if evidence.docking else ():
        yield from _notes_lost(evidence, table, columns, kept)
    answered: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for call in evidence.history:
        bounds = re.findall("[0-9]{14}", call["key"] or "")
        if call["status"] == 200 and call["code"] is not None and call["rows"] is not None and len(bounds) == 2:
            begin, end = (seconds(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)) for text in bounds)
            if not is_full(call["rows"]) or end - begin <= 1:
                answered[str(call["interface"])].append((begin, end))
    before: tuple[str, datetime] | None = None
    for name, begins, ends, is_asked in evidence.local.execute(
        "SELECT interface, begins, ends, visited_at IS NOT NULL FROM hotline.collection_window"
        " ORDER BY interface, begins"
    ):
        at = f"{begins:%Y%m%d%H%M%S}"
        if before and before[0] == name and before[1] != begins:
            yield Breach("I5", name, at, "the window does not begin where the one before it ends")
        if is_asked and not _covered(seconds(begins), seconds(ends), answered[name]):
            yield Breach("I5", name, at, "the window counts as asked, and no whole answer covers it")
        before = name, ends


def counts_close(evidence: Evidence) -> Iterator[Breach]:
    """I6: what was answered is stored or in quarantine, each key that was sent has its row, and the days agree."""
    for interface in contract().values():
        if interface.kind in {"query", "drain"}:
            yield from _answer_rows_lost(evidence, interface)
        elif interface.kind == "report":
            query = sql.SQL(
                "SELECT coalesce(t.{key}, v.key) FROM {table} AS t FULL JOIN (SELECT DISTINCT key FROM hotline.delivery"
                " WHERE interface = {name} AND state IN ('waiting', 'held', 'delivered', 'rejected')"
                " AND discarded_at IS NULL) AS v ON t.{key} = v.key WHERE v.key IS NULL OR t.{key} IS NULL"
            ).format(
                key=sql.Identifier(interface.key_column),
                table=sql.Identifier("hotline", str(interface.table)),
                name=sql.Literal(interface.name),
            )
            for (key,) in evidence.local.execute(query):
                yield Breach("I6", interface.name, key, "has a version and no row, or a row and no version")
    for kind, day, state in evidence.local.execute(
        "SELECT kind, day::text, state FROM hotline.reconciliation_state WHERE state IN ('open', 'unknown')"
    ):
        yield Breach("I6", kind, day, f"the reconciliation says {state}")


def nothing_personal_said(evidence: Evidence) -> Iterator[Breach]:
    """I7: no personal value stands in a log, a message or an alert."""
    values = _personal_values(evidence)
    for source, column in _SAYING:
        query = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} IS NOT NULL")
        for (text,) in evidence.local.execute(
            query.format(sql.Identifier(column), sql.Identifier("hotline", source))
        ).fetchall():
            if any(value in text for value in values):
                yield Breach("I7", f"{source}.{column}", "", "holds a personal value")
    if any(value in evidence.said for value in values):
        yield Breach("I7", "said", "", "a process wrote a personal value")


def bounded(evidence: Evidence) -> Iterator[Breach]:
    """I8: each try ends in its time, nothing is claimed or put off for ever, and nobody stands still."""
    for name, key in evidence.local.execute(
        "SELECT interface, key FROM hotline.interaction_log WHERE elapsed_ms > %s", [LONGEST_TRY_S * 1000]
    ):
        yield Breach("I8", name, key, f"a try took more than {LONGEST_TRY_S:.0f} s")
    for name, key in evidence.local.execute(
        "SELECT interface, key FROM hotline.delivery WHERE (claimed_until IS NOT NULL AND state <> 'delivered')"
        " OR (state = 'waiting' AND (next_attempt_at IS NULL OR next_attempt_at > now() + %s) AND rounds > 0)",
        [LONGEST_WAIT],
    ):
        yield Breach("I8", name, key, "claimed by nobody who lives, or put off for too long")
    for store in filter(None, (evidence.docking, evidence.local)):
        for (state,) in store.execute(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND xact_start < clock_timestamp() - %s",
            [STANDS_STILL],
        ):
            yield Breach("I8", store.info.dbname, "", f"a session stands still: {state}")


INVARIANTS: tuple[Callable[[Evidence], Iterator[Breach]], ...] = (
    *(nothing_lost, nothing_repeated, acknowledged_after_commit, same_end),
    *(mark_behind_rows, counts_close, nothing_personal_said, bounded),
)

_NOTES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "order_supplement": (("regino", "content"), "order_supplement"),
    "order_urge": (("regino", "remark"), "order_urge"),
    "seat": (("seatno",), "seat"),
    "order_deadline": (("regino",), "order_deadline"),
}
"""What 12345 writes beside orders, by table: what tells a row of it, and where it is kept."""

_SAYING = (
    *(("interaction_log", "message"), ("delivery", "message"), ("collection_window", "message")),
    *(("alert", "subject"), ("run_log", "subject"), ("quality_result", "message_zh")),
)
"""Columns that people read who may not see personal data."""


def _reports() -> set[str]:
    return {interface.name for interface in contract().values() if interface.kind == "report"}


def _acknowledgements() -> dict[str, list[Interface]]:
    found: defaultdict[str, list[Interface]] = defaultdict(list)
    for interface in contract().values():
        if interface.kind == "drain":
            found[str(interface.acknowledged_by)].append(interface)
    return found


def _received(call: CallRecord) -> datetime:
    return datetime.fromisoformat(call["received_at"])


def _without_version(evidence: Evidence) -> Iterator[tuple[str, str, bool]]:
    """Interface and key of contents of the docking store that are no version, and whether they count as collected."""
    for interface in contract().values():
        if interface.kind != "report" or evidence.docking is None:
            continue
        with evidence.local.transaction(force_rollback=True):
            copy_docking_versions(evidence.docking, evidence.local, interface)
            rows = evidence.local.execute(
                "SELECT d.key, d.uncollected < d.docking_rows FROM docking_version AS d WHERE NOT EXISTS ("
                " SELECT FROM hotline.delivery AS v"
                " WHERE v.interface = %s AND v.key = d.key AND v.content_hash = d.content_hash)",
                [interface.name],
            ).fetchall()
        for key, is_marked in rows:
            yield interface.name, key, is_marked


def _notes_lost(evidence: Evidence, table: str, columns: Sequence[str], kept: str) -> Iterator[Breach]:
    """Notes that are marked as collected, and neither kept nor put aside."""
    names = sql.SQL(", ").join(sql.SQL("coalesce(left({}, 200), '')").format(sql.Identifier(name)) for name in columns)
    marked = sql.SQL("SELECT DISTINCT {} FROM {} WHERE collected_at IS NOT NULL")
    docking: Connection[Any] = evidence.docking  # type: ignore[assignment]  # the caller looked
    rows = docking.execute(marked.format(names, sql.Identifier("docking", table))).fetchall()
    here = sql.SQL("SELECT DISTINCT {} FROM {}").format(names, sql.Identifier("hotline", kept))
    known = set(evidence.local.execute(here).fetchall())
    aside = evidence.local.execute("SELECT regino FROM hotline.quarantined_note WHERE docking_table = %s", [table])
    put_aside = {regino for (regino,) in aside}
    for row in rows:
        if row not in known and row[0] not in put_aside:
            yield Breach("I5", table, row[0], "marked as collected, and kept nowhere")


def _covered(begin: int, end: int, answered: Sequence[tuple[int, int]]) -> bool:
    """Whether closed windows that were answered leave out no second of this one."""
    reached = begin
    for from_second, until in sorted(answered):
        if from_second <= reached + 1 and until > reached:
            reached = until
    return reached >= end


def _answer_rows_lost(evidence: Evidence, interface: Interface) -> Iterator[Breach]:
    """Rows of answers as they came that stand nowhere; one that has a name may have given way to a later one."""
    landed = evidence.local.execute(
        "SELECT answer, requested_at FROM hotline.landing WHERE interface = %s AND answer <> ''", [interface.name]
    ).fetchall()
    if not landed:
        return
    query = sql.SQL(
        "SELECT {key}, content_hash, requested_at FROM {table} UNION ALL SELECT {key}, content_hash, requested_at"
        " FROM {history} UNION ALL SELECT key, content_hash, last_seen_at FROM hotline.quarantined_answer"
    ).format(
        key=sql.Identifier(interface.key_column),
        table=sql.Identifier("hotline", str(interface.table)),
        history=sql.Identifier("hotline", f"{interface.table}_history"),
    )
    hashes, newest = set(), dict[str, datetime]()
    for key, content_hash, requested_at in evidence.local.execute(query):
        hashes.add(bytes(content_hash))
        newest[key] = max(requested_at, newest.get(key, requested_at))
    for answer, requested_at in landed:
        rows = read_rows(interface, read_envelope(bytes(answer)).get("data"))
        keyed = [(row.key, row.content_hash) for row in rows.good]
        keyed += [(str(row["key"]), bytes.fromhex(str(row["content_hash"])[2:])) for row in rows.bad]
        for key, content_hash in keyed:
            gave_way = interface.one_row and key in newest and newest[key] >= requested_at
            if content_hash not in hashes and not gave_way:
                yield Breach("I6", interface.name, key, "a row of an answer is neither stored nor in quarantine")


def _personal_values(evidence: Evidence) -> set[str]:
    """Values of columns with personal data; of long ones the beginning, of short ones none, as they tell nobody."""
    found: set[str] = set()
    for interface in contract().values():
        stores = [(evidence.local, "hotline"), (evidence.docking, "docking")]
        for store, schema in stores if interface.kind == "report" else stores[:1]:
            columns = [field.column for field in interface.record if field.personal]
            if not (store and columns and interface.table):
                continue
            query = sql.SQL("SELECT DISTINCT left(v, 40) FROM {} AS t CROSS JOIN LATERAL (VALUES {}) AS x (v)").format(
                sql.Identifier(schema, interface.table),
                sql.SQL(", ").join(sql.SQL("(t.{}::text)").format(sql.Identifier(column)) for column in columns),
            )
            found |= {value.strip() for (value,) in store.execute(query) if value}
    return {value for value in found if len(value) >= _TELLING}


_TELLING = 3
"""Characters. A name of two is also a word."""
