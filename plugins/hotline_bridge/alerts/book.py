"""The book of alerts in the local store: one alert a cause, subject and day, told once to each notifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import CONDITIONS, Case
from hotline_bridge.alerts.notifiers import in_time
from hotline_bridge.errors import HotlineError
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from hotline_bridge.alerts.notifiers import Notifier

MOST_MESSAGES = 10
"""Messages to one notifier in one watch; robots take 20 a minute, and the next watch goes on."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of telling."""

    alerts: frozenset[int]
    """Alerts that somebody took just now, by row."""
    failures: Mapping[str, HotlineError]
    """Who did not take them, and why, by notifier."""


def record(local: Connection, cases: Sequence[Case]) -> None:
    """Write what was found; a case of the same cause, subject and day is only seen again.

    Of a cause that is told once (its SQL says when the newest case came), what was told on an earlier day is left out.
    """
    local.execute(
        read_sql("alerts/record.sql"),
        {
            "causes": [case.cause for case in cases],
            "subjects": [case.subject for case in cases],
            "since": [case.since for case in cases],
            "counts": [case.count for case in cases],
            "newest": [case.newest for case in cases],
        },
    )


def tell(local: Connection, notifiers: Sequence[Notifier]) -> Told:
    """Tell each notifier what it was not told of today's alerts, most severe first; one that fails stops no other.

    What a notifier took is committed at once, message by message: neither a kill nor another notifier's failure repeats
    it. Two watchers at once never tell one notifier the same: its rows are locked while they are told.

    Args:
        local: Session on the local store, in autocommit.
        notifiers: Where to; whoever is set up later today is told all of today.
    """
    alerts: set[int] = set()
    failures: dict[str, HotlineError] = {}
    for notifier in notifiers:
        parameters = {"notifier": notifier.name}
        local.execute(read_sql("alerts/ask.sql"), parameters)
        try:
            for _ in range(MOST_MESSAGES):
                if not (taken := _tell_some(local, notifier)):
                    break
                alerts |= taken
        except HotlineError as error:
            failures[notifier.name] = error
            local.execute(read_sql("alerts/failed.sql"), parameters)
    return Told(frozenset(alerts), failures)


def _tell_some(local: Connection, notifier: Notifier) -> set[int]:
    """One message. The transaction is open while it is sent, which `in_time` keeps short."""
    parameters = {"notifier": notifier.name}
    with local.transaction():
        found = local.execute(read_sql("alerts/unsent.sql"), parameters).fetchall()
        unsent = {
            Case(cause, subject, since, count, seen_at=seen_at): row_id
            for row_id, cause, subject, since, count, seen_at in found
            if cause in CONDITIONS  # an older or newer version of the bridge may know others
        }
        if not unsent:
            return set()
        taken = {unsent[case] for case in in_time(notifier, list(unsent))}
        local.execute(read_sql("alerts/sent.sql"), {**parameters, "row_ids": list(taken)})
    return taken
