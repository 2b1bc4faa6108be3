"""The watch over everything else: what is wrong is recorded and told, once a cause and day.

Called by the DAG `alert_watch`, by a task that failed, and by `hotline alerts`, which cron can run outside of Airflow:
so a scheduler that stands still is noticed too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from hotline_bridge.ending import run_apart
from hotline_bridge.errors import HotlineError, StopRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.alerts.conditions import Case
    from hotline_bridge.alerts.notifiers import Notifier
    from hotline_bridge.hooks.connections import ConnectionFields

log = logging.getLogger(__name__)

MAIL, WEBHOOK = "alert_mail", "alert_webhook"
"""Airflow connections, each optional: type smtp (extras `to`, `from_email`), and type http (host = the robot's whole
URL, password = DingTalk's secret, extra `format`: wecom, dingtalk or generic, or an own `template`)."""


CALLBACK_S = 10.0
"""How long a task that failed waits for its alert; what is not told by then the next watch tells."""


def look() -> list[Case]:
    """What is wrong now, without telling anybody.

    Raises:
        StopRun: Connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.alerts.conditions import find_cases
    from hotline_bridge.alerts.limits import limits_of_deployment
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        return find_cases(local, limits_of_deployment())


def watch() -> dict[str, int]:
    """Look, record what was found, and tell what was not told today. Returns cases by cause, and how many were `sent`.

    Raises:
        StopRun: A connection is missing or wrong.
        TryAgainLater: The local store or a notifier cannot be reached; the next watch tells it.
    """
    from hotline_bridge.alerts.book import record, send_unsent
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    cases = look()
    counts: dict[str, int] = {}
    for case in cases:
        counts[case.cause] = counts.get(case.cause, 0) + 1
        log.warning("%s: %s", case.title, case.text)
    with connect(conninfo("local_db")) as local:
        record(local, cases)
        counts["sent"] = send_unsent(local, notifiers())
    return counts


def notifiers() -> list[Notifier]:
    """Those that are set up; none, with a word in the log, where neither connection exists.

    Raises:
        StopRun: A connection exists and cannot be used; says what to set.
    """
    found: list[Notifier] = []
    if (mail := _optional(MAIL)) is not None:
        found.append(_mail(mail))
    if (webhook := _optional(WEBHOOK)) is not None:
        found.append(_webhook(webhook))
    if not found:
        log.warning("nobody is told of alerts: set up connection %s or %s", MAIL, WEBHOOK)
    return found


def _optional(conn_id: str) -> ConnectionFields | None:
    from hotline_bridge.hooks.connections import find_connection

    try:
        return find_connection(conn_id)
    except StopRun as stop:
        if "is missing" in str(stop):
            return None
        raise


def _mail(connection: ConnectionFields) -> Notifier:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    from hotline_bridge.alerts.notifiers import Mail

    to = connection.extras.get("to")
    addresses = [to] if isinstance(to, str) else to
    if not isinstance(addresses, list) or not addresses:
        raise StopRun(f"connection {MAIL} names nobody", remedy='set its extra "to" to a list of addresses')

    def deliver(recipients: Sequence[str], subject: str, html: str) -> None:
        with SmtpHook(smtp_conn_id=MAIL) as server:
            server.send_email_smtp(to=list(recipients), subject=subject, html_content=html)

    return Mail([str(address) for address in addresses], deliver)


def _webhook(connection: ConnectionFields) -> Notifier:
    from hotline_bridge.alerts.notifiers import TEMPLATES, Webhook

    connection.require("host")
    url = connection.host if "://" in connection.host else f"{connection.schema or 'https'}://{connection.host}"
    if not url.startswith(("http://", "https://")):
        raise StopRun(f"host of connection {WEBHOOK} is no address", remedy="give the robot's whole URL as host")
    kind = str(connection.extras.get("format", "generic"))
    template = connection.extras.get("template") or TEMPLATES.get(kind)
    if not isinstance(template, str):
        raise StopRun(
            f"connection {WEBHOOK} has an unknown format", remedy=f"use {', '.join(TEMPLATES)}, or a template"
        )
    return Webhook(url, template, connection.password or None)


class AlertNotifier(BaseNotifier):  # type: ignore[misc]  # Airflow's types are not followed
    """Airflow's notifier interface over the same watch: as `on_failure_callback` it tells at once why a task failed."""

    def notify(self, context: object) -> None:  # noqa: ARG002  (the interface's parameter: the store says more)
        """Look and tell now; an alert that cannot be sent never fails a task a second time."""
        try:
            run_apart(watch, CALLBACK_S)
        except HotlineError as error:
            log.warning("alerts could not be sent: %s", error)
