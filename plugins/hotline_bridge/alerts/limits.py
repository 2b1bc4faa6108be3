"""From when on something is worth an alert: the limits, and how a deployment sets its own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from hotline_bridge.errors import StopRun

ENVIRONMENT = "HOTLINE_ALERT_LIMITS"
"""Environment variable: a JSON object of limits by name, times in minutes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is worth an alert."""

    backlog_limit: timedelta = timedelta(minutes=30)
    """How long a version may wait."""
    late_limit: timedelta = timedelta(minutes=2)
    """What 95 of a hundred versions of an hour may take from written to delivered."""
    audit_limit: timedelta = timedelta(hours=24)
    """How long an order may wait for the bureau's decision."""
    quarantine_least: int = 20
    """Rows of a day that break a rule, at least."""
    quarantine_share: float = 0.1
    """And their share of the day's rows."""
    silence_limit: timedelta = timedelta(hours=1)
    """How long nothing may come from 12345, where a longer pause is not usual."""
    overdue_limit: timedelta = timedelta(hours=6)
    """How late a window of registration time may be visited."""
    failing_limit: timedelta = timedelta(hours=1)
    """How long an interface may be asked in vain."""
    fetch_limit: timedelta = timedelta(hours=2)
    """How long feedback may wait for a client of the gateway."""
    refused_least: int = 20
    """Wrongly signed calls of the gateway within an hour."""
    rollup_limit: timedelta = timedelta(minutes=30)
    """How long a change may be missing in what analysts read."""
    longest_pause: tuple[tuple[str, timedelta], ...] = (
        ("telephony_report", timedelta(minutes=10)),
        ("order_report", timedelta(minutes=10)),
        ("maintenance", timedelta(hours=26)),
        ("quality_check", timedelta(hours=3)),
        ("docking_publish", timedelta(minutes=10)),
        ("case_collect", timedelta(hours=1)),
        ("process_collect", timedelta(hours=3)),
        ("feedback_collect", timedelta(minutes=30)),
        ("feedback_repair", timedelta(hours=26)),
        ("count_reconciliation", timedelta(hours=26)),
        ("analyst_report", timedelta(days=32)),
        ("alert_watch", timedelta(minutes=30)),
        ("analytics_refresh", timedelta(minutes=30)),
    )
    """DAG by DAG, how long it may take from one finished run to the next, and to the first; set as an object by DAG."""


def limits_of_deployment() -> Limits:
    """The limits, with what the environment variable sets.

    Raises:
        StopRun: The variable is no JSON object of known limits.
    """
    text = os.environ.get(ENVIRONMENT)
    if not text:
        return Limits()
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, AttributeError):
        known = ", ".join(limit.name for limit in fields(Limits))
        raise StopRun(
            f"environment variable {ENVIRONMENT} cannot be read",
            remedy=f'set it to a JSON object such as {{"backlog_limit": 60}}, times in minutes; known are {known}',
        ) from None


def _read(named: dict[str, Any]) -> Limits:
    limits = Limits()
    values: dict[str, Any] = {}
    for name, value in named.items():
        default = getattr(limits, name)
        if isinstance(default, timedelta):
            values[name] = _minutes(value)
        elif isinstance(default, tuple):
            values[name] = tuple({**dict(default), **{dag: _minutes(pause) for dag, pause in value.items()}}.items())
        else:
            values[name] = type(default)(_number(value))
    return replace(limits, **values)


def _minutes(value: object) -> timedelta:
    return timedelta(minutes=_number(value))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise TypeError
    return value
