"""The extras of connection `platform_12315`: one table that the reader and the documentation share. Free of Airflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from hotline_bridge.platform_client.settings import PlatformSettings, mend

_DEFAULTS = {entry.name: entry.default for entry in fields(PlatformSettings)}


def _number(text: object) -> float:
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise TypeError
    return float(text)


def _whole(text: object) -> int:
    number = _number(text)
    if not number.is_integer():
        raise ValueError
    return int(number)


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError
    return text.strip()


def _codes(listed: object) -> frozenset[str]:
    """Codes from a JSON list, from comma-separated text, or from one bare number."""
    if isinstance(listed, str) and listed.lstrip().startswith("["):
        listed = json.loads(listed)
    if isinstance(listed, str):
        listed = listed.split(",")
    elif isinstance(listed, int) and not isinstance(listed, bool):
        listed = [listed]
    if not isinstance(listed, list | tuple) or not all(type(code) in {str, int} for code in listed):
        raise TypeError
    return frozenset(text for code in listed if (text := str(code).strip()))


def _switch(value: object) -> bool:
    """On or off, from JSON or from one of the usual words."""
    if isinstance(value, bool):
        return value
    word = _text(value).lower()
    if word not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ValueError
    return word in {"true", "1", "yes", "on"}


def _moment(text: object) -> datetime:
    """A day or a moment, Asia/Shanghai where it names no zone."""
    moment = datetime.fromisoformat(_text(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra of a connection: how it is called, read, and explained to whoever sets it."""

    name: str
    meaning: str
    expects: str
    read: Callable[[object], object]

    @property
    def default(self) -> object:
        """What holds where the connection does not say."""
        return _DEFAULTS[self.name]


PLATFORM_EXTRAS: tuple[Extra, ...] = (
    Extra("auth_header", "header that carries AppId&Token&MD5; its name is not printed", "a header name", _text),
    Extra("timeout_s", "seconds for one try in all: connecting, sending, the whole answer", "a number", _number),
    Extra(
        "tries",
        "tries at once while no answer comes, of a read while no usable one does; the first included",
        "a whole number",
        _whole,
    ),
    Extra("max_concurrency", "requests in flight at once", "a whole number", _whole),
    Extra("max_answer_bytes", "greatest answer that is read, in bytes", "a whole number", _whole),
    Extra("retry_after_cap_s", "longest Retry-After that is honoured, in seconds", "a number", _number),
    Extra("breaker_failures", "tries in a row without a usable answer that end a run", "a whole number", _whole),
    Extra("duplicate_codes", 'answer codes that mean "stored already"', "a list", _codes),
    Extra("retry_codes", 'answer codes that mean "try again later"', "a list", _codes),
    Extra("ca_file", "PEM file of the authorities that sign the platform's certificate", "a path", _text),
    Extra("areas", "known area codes; records of other areas are flagged, not held back", "a list", _codes),
    Extra("audit_required", "orders are held until the local bureau passes or returns them", "true or false", _switch),
    Extra(
        "collect_from",
        "registration time from which cases are collected; 120 days before the first run where it is not set",
        "a day such as 2026-01-01",
        _moment,
    ),
    Extra("reconcile_days", "days back from yesterday that a reconciliation counts", "a whole number", _whole),
    Extra("resend_after_h", "hours after which an accepted order that no case shows is lost", "a number", _number),
    Extra(
        "explain_not_collected_h",
        "hours for which a row of 12345 that is not taken in explains a difference of counts",
        "a number",
        _number,
    ),
    Extra("explain_waiting_h", "the same for what waits to be sent, from when it was taken in", "a number", _number),
    Extra("explain_rejected_h", "the same for what the platform refused", "a number", _number),
    Extra("explain_held_h", "the same for what is held", "a number", _number),
    Extra(
        "empty_drain_pause_s",
        "seconds for which scheduled runs do not ask a drain again that was empty",
        "a number",
        _number,
    ),
)
"""Every extra that is read; each is a field of `PlatformSettings`, which holds its default and checks its value."""


def read_settings(base_url: str, app_id: str, token: str, extras: Mapping[str, object]) -> PlatformSettings:
    """The settings from the fields of the connection and its extras, read by name only; others are ignored.

    Values may be numbers or texts, since a connection given as a URI holds only texts; lists JSON or comma-separated.

    Raises:
        StopRun: A value cannot be used; the message names the extra, never the value.
    """
    known: dict[str, object] = {}
    for extra in PLATFORM_EXTRAS:
        if extra.name not in extras or extras[extra.name] in (None, ""):
            continue
        try:
            known[extra.name] = extra.read(extras[extra.name])
        except (TypeError, ValueError, OverflowError):
            raise mend(f"extra {extra.name}", f"must be {extra.expects} ({extra.meaning})") from None
    return PlatformSettings(base_url, app_id, token, **known)  # type: ignore[arg-type]  # each reader returns its field's type


def unknown_extras(extras: Iterable[str]) -> list[str]:
    """Names that no setting has, sorted: worth a line in the log, since a misspelt extra has no effect."""
    return sorted(set(extras) - {extra.name for extra in PLATFORM_EXTRAS})
