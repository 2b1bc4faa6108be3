"""What every DAG of the house has in common."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.alerts import AlertNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))

# `airflow dags test` waits retry delays out, and the next run comes soon anyway.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "hotline-bridge",
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "execution_timeout": timedelta(minutes=15),
    "on_failure_callback": AlertNotifier(),
}


@contextmanager
def no_retry_after_stop() -> Iterator[None]:
    """What only a person can mend fails at once, with the sentence that says how."""
    try:
        yield
    except StopRun as stop:
        raise AirflowFailException(str(stop)) from None
