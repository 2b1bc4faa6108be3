"""Moments as the platform writes and reads them: Asia/Shanghai, without saying so (protocol: open questions)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001  (what a clock in Shanghai shows at 0, with the offset since 1991)
_DAY_S = 86_400

# The specification gives TIMESTAMP and date no form. One that names day and time, or the day, is taken; where it gives
# a mere text of too few characters, seconds or the whole time of day may lack.
_FORMS = {
    "time": r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)|(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?",
    "date": r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?)?",
    "moment": (
        r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?"
        r"|(\d{4})[-/](\d\d)[-/](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?"
    ),
}
_PATTERNS = {kind: re.compile(form, re.ASCII) for kind, form in (*_FORMS.items(), ("timestamp", _FORMS["time"]))}
# Milliseconds since 1970, as Java's JSON libraries write a time without a form: thirteen digits are nothing else.
_MILLISECONDS = re.compile(r"[1-9]\d{12}", re.ASCII)
# Forms that Python reads faster by itself; it would take many others besides.
_WITH_SECONDS = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_USUAL_FORMS = {
    "time": _WITH_SECONDS,
    "timestamp": _WITH_SECONDS,
    "moment": r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?",
}
_USUAL = {kind: re.compile(form, re.ASCII) for kind, form in _USUAL_FORMS.items()}
_ALL_USUAL = {kind: re.compile(rf"(?:{form}\n)*+", re.ASCII) for kind, form in _USUAL_FORMS.items()}


def read_moment(kind: str, text: str) -> datetime | None:
    """What a text of the platform says, as a clock in Shanghai shows it; None when it is no moment of the calendar.

    Args:
        kind: `time`, `timestamp`, `date` of the contract's fields, or `moment` (see `Field.format`).
        text: As it came.
    """
    usual = _USUAL.get(kind)
    if usual is not None and usual.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    if _MILLISECONDS.fullmatch(text):
        reading = datetime.fromtimestamp(int(text) // 1000, SHANGHAI).replace(tzinfo=None)
        return reading.replace(hour=0, minute=0, second=0) if kind == "date" else reading
    found = _PATTERNS[kind].fullmatch(text)
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part]
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  (a clock reading, see above)
    except (TypeError, ValueError):
        return None


def read_moments(kind: str, texts: Sequence[str]) -> Sequence[datetime | None]:
    """The same as `read_moment` for each text, faster where all of them are of the usual form.

    Args:
        kind: See `read_moment`.
        texts: As they came; a blank one is no moment.
    """
    usual = _ALL_USUAL.get(kind)
    if usual is not None and usual.fullmatch("\n".join([*texts, ""])):
        with suppress(ValueError):
            return [datetime.fromisoformat(text) for text in texts]
    return [read_moment(kind, text.strip()) for text in texts]


def since_epoch(reading: datetime) -> int:
    """A clock reading in Shanghai in seconds since 1970."""
    passed = reading - _EPOCH
    return passed.days * _DAY_S + passed.seconds


def digits(moment: int) -> str:
    """Seconds since 1970 as YYYYMMDDhhmmss."""
    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%Y%m%d%H%M%S")


def readable(moment: int) -> str:
    """Seconds since 1970 as people read them."""
    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def seconds(moment: datetime) -> int:
    """An aware datetime in whole seconds since 1970."""
    return int(moment.timestamp())
