"""The watch over everything else: what is wrong is recorded and told, once a cause and day.

Called by the DAG `alert_watch`, by a task that failed, and by `hotline alerts`, which cron can run outside of Airflow:
so a scheduler that stands still is noticed too.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from hotline_bridge.cities import acting_for, here
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.ending import run_apart
from hotline_bridge.errors import Failures, HotlineError, StopRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hotline_bridge.alerts.conditions import Alert
    from hotline_bridge.alerts.limits import Limits
    from hotline_bridge.alerts.notifiers import Notifier
    from hotline_bridge.hooks.connections import ConnectionFields

log = logging.getLogger(__name__)

MAIL, WEBHOOK = "alert_mail", "alert_webhook"
"""Airflow connections, each optional: type smtp (extras `to`, `from_email`), and type http (host = the robot's whole
URL, password = DingTalk's secret, extra `format`: wecom, dingtalk or generic, or an own `template`)."""


LOOK_S = 120.0
"""How long the local store may take to say what is wrong; one that stands still is told as down."""
CALLBACK_S = 10.0
"""How long a task that failed waits for its alert; what is not told by then the next watch tells."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch found and did."""

    alerts: Sequence[Alert]
    sent: int
    """Alerts that somebody was told."""
    failures: Sequence[HotlineError]
    """What hindered it, each with its remedy; all else was done."""

    def raise_failures(self) -> None:
        """Raises StopRun where a person must fix something, else TryAgainLater; names every failure."""
        together = Failures()
        for failure in self.failures:
            together.add(failure)
        together.check()


def look(causes: Iterable[str] | None = None) -> list[Alert]:
    """What is wrong now, without telling anybody.

    Args:
        causes: Look at these alone.

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the store lacks its tables.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.alerts.conditions import find_alerts
    from hotline_bridge.alerts.limits import limits_of_deployment
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        limits = limits_of_deployment()
        if causes is not None:
            return find_alerts(local, limits, causes)
        return _with_paused(find_alerts(local, limits), limits)


def look_and_tell(*, at_dags: bool = True) -> Watched:
    """Look, record what was found, and tell each notifier what it was not told today. One that fails stops no other.

    Who does not take an alert is named to the others. That the local store is down is told without it.

    Args:
        at_dags: Ask Airflow too, which DAGs are paused.

    Raises:
        StopRun: Connection `local_db` is missing or refused, or the store lacks its tables; told as well.
        TryAgainLater: The local store cannot be reached; told as well.
    """
    from hotline_bridge.alerts.conditions import find_alerts
    from hotline_bridge.alerts.limits import Limits, limits_of_deployment
    from hotline_bridge.alerts.telling import Told, record, tell, tell_store_down
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    failures: list[HotlineError] = []
    try:
        limits = limits_of_deployment()
    except StopRun as stop:
        failures.append(stop)
        limits = Limits()
    everybody = notifiers()
    try:
        alerts = run_apart(lambda: _look_and_record(limits, at_dags=at_dags), LOOK_S)
        with connect(conninfo("local_db")) as local:
            told = tell(local, everybody)
            if told.failures:
                record(local, find_alerts(local, limits, ["notifier_dead"]))
                living = [one for one in everybody if one.name not in told.failures]
                then = tell(local, living)
                told = Told(told.alerts | then.alerts, {**told.failures, **then.failures})
    except HotlineError:
        tell_store_down(everybody)
        raise
    return Watched(alerts, len(told.alerts), [*failures, *told.failures.values()])


def _look_and_record(limits: Limits, *, at_dags: bool) -> Sequence[Alert]:
    from hotline_bridge.alerts.conditions import find_alerts
    from hotline_bridge.alerts.telling import record
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        alerts: Sequence[Alert] = find_alerts(local, limits)
        if at_dags:
            alerts = _with_paused(alerts, limits)
        record(local, alerts)
    return alerts


def _with_paused(alerts: Sequence[Alert], limits: Limits) -> list[Alert]:
    """A DAG that is paused is told as that, and not also as one that does not run."""
    from hotline_bridge.alerts.conditions import PAUSED, Alert
    from hotline_bridge.hooks.airflow_admin import paused

    off = [dag for dag, is_paused in (paused([dag for dag, _ in limits.longest_pause]) or {}).items() if is_paused]
    now = datetime.now(SHANGHAI)
    return [
        *(Alert(PAUSED, dag, now, 1) for dag in off),
        *(alert for alert in alerts if alert.cause != "not_running" or alert.subject not in off),
    ]


def watch(*, quiet: bool = False) -> dict[str, int]:
    """Look and tell; what was found is in the log, one entry a cause.

    Args:
        quiet: Leave the log to whoever called: it ends with its own error, not with alerts about other things.

    Returns:
        Cases by cause, and how many alerts were `sent`.

    Raises:
        StopRun: A connection or setting is wrong; everybody else was told.
        TryAgainLater: The local store or a notifier cannot be reached; everybody else was told, the next watch goes on.
    """
    from hotline_bridge.alerts.entries import entries

    watched = look_and_tell(at_dags=not quiet)
    found = entries(watched.alerts)
    if not quiet:
        for entry in found:
            log.warning("%s", entry.line)
        if not notifiers():
            log.warning("nobody is told of alerts: set up connection %s or %s", *map(here().named, (MAIL, WEBHOOK)))
    watched.raise_failures()
    return {entry.cause: len(entry.alerts) for entry in found} | {"sent": watched.sent}


def notifiers() -> list[Notifier]:
    """Those that are set up; none where neither connection exists. One set up wrong fails when it is to tell."""
    from hotline_bridge.alerts.notifiers import Broken
    from hotline_bridge.hooks.connections import optional_connection

    found: list[Notifier] = []
    for name, set_up in ((MAIL, _mail), (WEBHOOK, _webhook)):
        try:
            if (connection := optional_connection(name)) is not None:
                found.append(set_up(connection))
        except HotlineError as error:
            found.append(Broken(here().named(name), error))
    return found


def _mail(connection: ConnectionFields) -> Notifier:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    from hotline_bridge.alerts.notifiers import Mail

    to = connection.extras.get("to")
    addresses = [to] if isinstance(to, str) else to
    if not isinstance(addresses, list) or not addresses:
        raise StopRun(
            f"connection {connection.conn_id} names nobody", remedy='set its extra "to" to a list of addresses'
        )

    def deliver(recipients: Sequence[str], subject: str, html: str) -> None:
        with SmtpHook(smtp_conn_id=connection.conn_id) as server:
            server.send_email_smtp(to=list(recipients), subject=subject, html_content=html)

    return Mail([str(address) for address in addresses], deliver, connection.conn_id, here())


def _webhook(connection: ConnectionFields) -> Notifier:
    from dataclasses import replace

    from hotline_bridge.alerts.notifiers import FORMATS, Webhook

    connection.require("host")
    url = connection.host if "://" in connection.host else f"{connection.schema or 'https'}://{connection.host}"
    if not url.startswith(("http://", "https://")):
        raise StopRun(
            f"host of connection {connection.conn_id} is no address", remedy="give the robot's whole URL as host"
        )
    kind = FORMATS.get(str(connection.extras.get("format", "generic")))
    template = connection.extras.get("template")
    if kind is None or not isinstance(template, str | None):
        raise StopRun(
            f"connection {connection.conn_id} has an unknown format",
            remedy=f"use {', '.join(FORMATS)}, or a template",
        )
    taken = replace(kind, template=template) if template else kind
    return Webhook(url, taken, connection.password or None, connection.conn_id, here())


class AlertNotifier(BaseNotifier):  # type: ignore[misc]  # Airflow's types are not followed
    """Airflow's notifier interface over the same watch: as `on_failure_callback` it tells at once why a task failed.

    It tells those of the city that it was made for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.city = here()

    def notify(self, context: Mapping[str, object]) -> None:
        """Look and tell now; an alert that cannot be sent never fails a task a second time.

        The task's log ends with its own error and remedy: whatever is told here stands before.
        """
        try:
            with acting_for(self.city):
                run_apart(lambda: watch(quiet=True), CALLBACK_S)
        except HotlineError as error:
            log.info("alerts could not be sent: %s", error)
        if (why := context.get("exception")) is not None:
            log.error("%s: %s", type(why).__name__, why)
