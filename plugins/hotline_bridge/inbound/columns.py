"""The rows of an answer that are plainly good, told column by column: a row costs 8 microseconds, and alone 14.

Nothing is decided here. What is not plainly good, by whichever rule, is left to be judged alone (`rows`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hotline_bridge.inbound.judge import is_number, is_plain, read_time
from hotline_bridge.inbound.moments import since_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.inbound.judge import AnswerFields, FieldRules
    from hotline_bridge.inbound.windows import Window

_MINUTE_S = 60


class PlainRow(NamedTuple):
    """A row that breaks no rule and bears no flag."""

    key: str
    content: bytes
    registered: int | None
    """Seconds since 1970, where the row tells."""


def plain_rows(data: Sequence[object], fields: AnswerFields, window: Window | None) -> dict[int, PlainRow]:
    """The plainly good rows by their place in the answer; arguments as of `read_rows`."""
    places, found = [], []
    for place, original in enumerate(data):
        # `Ambiguous`, a subclass, names a member twice. A name that is not printed as it stands makes the row longer.
        if type(original) is dict and len(row := fields.blank | original) == len(fields.blank):
            places.append(place)
            found.append(row.values())
    if not found:
        return {}
    doubtful: set[int] = set()
    columns = [
        _texts(list(column), rules, doubtful)
        for column, rules in zip(zip(*found, strict=True), fields.all, strict=True)
    ]
    registered: Sequence[int | None] = [None] * len(found)
    for at, rules in fields.times:
        readings = [read_time(rules, text) for text in columns[at]]
        doubtful.update(
            at for at, (text, reading) in enumerate(zip(columns[at], readings, strict=True)) if text and not reading
        )
        columns[at] = ["" if reading is None else reading.isoformat(" ") for reading in readings]
        if rules.column == "registime":
            registered = [None if reading is None else since_epoch(reading) for reading in readings]
    if window:
        doubtful.update(at for at, moment in enumerate(registered) if moment is not None and is_outside(moment, window))
    keys = columns[fields.key]
    return {
        places[at]: PlainRow(keys[at], "\0".join(texts).encode(), registered[at])
        for at, texts in enumerate(zip(*columns, strict=True))
        if at not in doubtful
    }


def is_outside(moment: int, window: Window) -> bool:
    """Whether an order was registered outside of the window: by the minute, as seconds may lack (DESIGN rule 9)."""
    return not window.begin - _MINUTE_S < moment < window.end + _MINUTE_S


def _texts(column: list[object], rules: FieldRules, doubtful: set[int]) -> list[str]:
    """The values of a field, blank ones emptied; the rows of those that may break a rule of it become doubtful."""
    try:
        together = "".join(column)  # type: ignore[arg-type]  # what is no text raises
        texts: list[str] = column  # type: ignore[assignment]  # as that has not
    except TypeError:
        doubtful.update(at for at, value in enumerate(column) if value is not None and type(value) is not str)
        texts = [value if type(value) is str else "" for value in column]
        together = "".join(texts)
    if not together.isprintable() or " " in together:
        texts = ["" if text.isspace() else text for text in texts]
        if not is_plain(together):
            doubtful.update(at for at, text in enumerate(texts) if not is_plain(text))
    if rules.limit is not None and len(together) > rules.limit and max(map(len, texts)) > rules.limit:
        doubtful.update(at for at, text in enumerate(texts) if len(text) > rules.limit)
    if rules.required and not all(texts):
        doubtful.update(at for at, text in enumerate(texts) if not text)
    if rules.codes and not rules.codes.issuperset(filter(None, texts)):
        doubtful.update(at for at, text in enumerate(texts) if text and text not in rules.codes)
    if rules.is_number and not all(map(is_number, filter(None, texts))):
        doubtful.update(at for at, text in enumerate(texts) if text and not is_number(text))
    return texts
