"""What every DAG of the house has in common."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException

from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.alerts import AlertNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))

OWNER = "hotline-bridge"
OWNER_LINK = "HOTLINE_OWNER_LINK"
"""Environment variable: where the owner's name in the list of DAGs leads to, `mailto:` or `https:`; no link without."""


def owner_links() -> dict[str, str]:
    """Where the owner's name leads to. A link that Airflow would refuse is left out, or no DAG would load."""
    link = os.environ.get(OWNER_LINK, "")
    place = urlsplit(link)
    usable = bool(place.path) if place.scheme == "mailto" else place.scheme in {"http", "https"} and bool(place.netloc)
    return {OWNER: link} if usable else {}


# `airflow dags test` waits retry delays out, and the next run comes soon anyway.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
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


def moment_param(title: str, description: str) -> Param:
    """A time that may be left out, with a picker in the form."""
    return Param(None, type=["null", "string"], format="date-time", title=title, description=description)
