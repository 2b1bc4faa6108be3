"""Telling alerts: one alert a cause, subject and day, told once to each notifier.

The local store remembers who was told what; that the store itself is down a file a day and notifier remembers.
"""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import CONDITIONS, STORE_DOWN, Alert
from hotline_bridge.alerts.notifiers import in_time
from hotline_bridge.clock import SHANGHAI
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


def record(local: Connection, alerts: Sequence[Alert]) -> None:
    """Write what was found; an alert of the same cause, subject and day is only seen again.

    Of a cause that is told once (its SQL says when the newest alert came), what was told on an earlier day is left out.
    """
    local.execute(
        read_sql("alerts/record.sql"),
        {
            "causes": [alert.cause for alert in alerts],
            "subjects": [alert.subject for alert in alerts],
            "since": [alert.since for alert in alerts],
            "counts": [alert.count for alert in alerts],
            "newest": [alert.newest for alert in alerts],
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
            Alert(cause, subject, since, count, seen_at=seen_at): row_id
            for row_id, cause, subject, since, count, seen_at in found
            if cause in CONDITIONS  # an older or newer version of the bridge may know others
        }
        if not unsent:
            return set()
        taken = {unsent[alert] for alert in in_time(notifier, list(unsent))}
        local.execute(read_sql("alerts/sent.sql"), {**parameters, "row_ids": list(taken)})
    return taken


log = logging.getLogger(__name__)


def tell_store_down(notifiers: Sequence[Notifier]) -> None:
    """Tell each notifier once a day, from this machine and account; one that fails is told by the next watch."""
    now = datetime.now(SHANGHAI)
    for notifier in notifiers:
        told = _folder() / f"{STORE_DOWN}-{now:%Y-%m-%d}-{notifier.name}"
        try:
            told.parent.mkdir(mode=0o700, exist_ok=True)
            told.touch(exist_ok=False)  # of two watches at once one makes the file
        except FileExistsError:
            continue
        except OSError as error:
            log.warning("%s cannot be written (%s): the alert may come again", told, error.strerror)
        try:
            taken = in_time(notifier, [Alert(STORE_DOWN, "local_db", now, 1)])
        except HotlineError as error:
            log.warning("nobody was told by %s that the local store is down: %s", notifier.name, error)
            taken = ()
        except BaseException:
            told.unlink(missing_ok=True)
            raise
        if not taken:
            told.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / f"hotline-alerts-{os.getuid()}"
