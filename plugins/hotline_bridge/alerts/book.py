"""The book of alerts in the local store: one alert a cause, subject and day, sent once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import Case
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from hotline_bridge.alerts.notifiers import Notifier


def record(local: Connection, cases: Sequence[Case]) -> None:
    """Write what was found; a case of the same cause, subject and day is only seen again."""
    local.execute(
        read_sql("alerts/record.sql").encode(),
        {
            "causes": [case.cause for case in cases],
            "subjects": [case.subject for case in cases],
            "since": [case.since for case in cases],
            "counts": [case.count for case in cases],
        },
    )


def send_unsent(local: Connection, notifiers: Sequence[Notifier]) -> int:
    """Send what was recorded and not sent, in one message a notifier; marked as sent only when all of them took it.

    Two watchers at once never send one alert twice: the rows are locked while they are sent.

    Args:
        local: Session on the local store, in autocommit.
        notifiers: Where to; with none, nothing is marked, so that the first one set up tells what it missed today.

    Returns:
        Alerts sent.

    Raises:
        TryAgainLater: A notifier could not deliver; the next watch sends again.
    """
    if not notifiers:
        return 0
    with local.transaction():
        rows = local.execute(read_sql("alerts/unsent.sql").encode()).fetchall()
        cases = [Case(*row[1:]) for row in rows]
        if cases:
            for notifier in notifiers:
                notifier.send(cases)
            local.execute("UPDATE hotline.alert SET sent_at = now() WHERE row_id = ANY(%s)", [[row[0] for row in rows]])
    return len(cases)
