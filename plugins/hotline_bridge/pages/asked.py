"""What a page is asked and what it gives, and how its lists are read page by page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.outbound.masking import is_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotline_bridge.outbound.versions import Policy
    from hotline_bridge.pages.rights import User
    from hotline_bridge.store.database import Session

ROWS = 50
"""Rows of a list that one page shows."""
_LONGEST_INPUT = 200


class NoSuchThing(Exception):  # noqa: N818  (an answer, not an error)
    """What was asked for is not there: `what` tells a person, in Chinese, without a value of a record."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its template, and what that needs."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """The browser goes to another page."""

    to: str
    """Its address below that of all pages."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a page, of a user who may see it."""

    local: Session
    """On the local store, in autocommit."""
    user: User
    path: Mapping[str, str] = field(repr=False)
    """The named parts of its address."""
    given: Mapping[str, str] = field(repr=False)
    """The fields of its form: of the query, or of the body where it was posted. Control characters are gone."""
    policy: Callable[[], Policy]
    """What the deployment sets for orders, as for intake."""
    upload: Upload | None = None
    say: Callable[[str], str] = str
    """Gives a Chinese text of ours in the language of who asks, for what no template writes."""

    @property
    def actor(self) -> str:
        """Who asks, as rows of decisions name them."""
        return f"airflow:{self.user.name}"


@dataclass(slots=True)
class Fields:
    """Reads the fields of a form: what is wrong with one is told beside it, and it counts as empty.

    Args:
        given: By name.
    """

    given: Mapping[str, str] = field(repr=False)
    wrong: dict[str, str] = field(default_factory=dict)
    """By field: what is wrong, in Chinese."""

    def text(self, name: str) -> str | None:
        """A text without the blanks around it; None where it is empty."""
        value = self.given.get(name, "").strip()
        if len(value) > _LONGEST_INPUT:
            self.wrong[name] = f"最多 {_LONGEST_INPUT} 个字符"
            return None
        return value or None

    def choice(self, name: str, choices: Mapping[str, str]) -> str | None:
        """One of the choices."""
        value = self.text(name)
        if value is None or value in choices:
            return value
        self.wrong[name] = "请从列表中选择"
        return None

    def day(self, name: str) -> date | None:
        """A day."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.wrong[name] = "请按 2026-11-30 的格式填写日期"
            return None

    def days(self, first: str, last: str, *, within: int) -> tuple[datetime, datetime]:
        """The moments between which two days lie, both included; the last `within` days where they are not given.

        Returns:
            Begin and end, aware; the end itself does not belong to them.
        """
        today = datetime.now(SHANGHAI).date()
        until = self.day(last) or today
        earliest = max(min(until, today), date.min + timedelta(days=within)) - timedelta(days=within - 1)
        since = self.day(first) or min(earliest, until)
        if since > until:
            self.wrong[first] = "开始日期晚于结束日期"
            since = until
        until = min(until, date.max - timedelta(days=1))
        return _midnight(since), _midnight(until + timedelta(days=1))

    def after(self, name: str, types: Sequence[type]) -> list[Any] | None:
        """The place in a list after which the next page begins; None at its beginning, also where it makes no sense.

        Args:
            name: The field.
            types: Of its values, in their order: datetime, which may be None, int or str.
        """
        try:
            values = json.loads(urlsafe_b64decode(self.given.get(name, "").encode()))
            return [_typed(value, kind) for kind, value in zip(types, values, strict=True)]
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None


def _typed(value: object, kind: type) -> object:
    """Raises ValueError where it is of another type."""
    if kind is datetime and (value is None or isinstance(value, str)):
        return None if value is None else datetime.fromisoformat(value).astimezone(SHANGHAI)
    if type(value) is not kind:
        raise ValueError("another type")
    return value


def place(*values: object) -> str:
    """The place of a row in its list, to ask for what follows it (`Fields.after`)."""
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return urlsafe_b64encode(json.dumps(texts).encode()).decode()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def clean(text: str) -> str:
    """A text as forms carry it: no control characters but the ends of lines, which browsers write in two ways."""
    return "".join(character for character in text if is_seen(character) or character in "\n\t")


CHOSEN = "row-"
"""Before the number of a row in the name of the box that chooses it."""


def chosen_rows(given: Mapping[str, str]) -> list[int]:
    """Numbers of the rows that were chosen in a form."""
    named = (name.removeprefix(CHOSEN) for name in given if name.startswith(CHOSEN))
    return [int(number) for number in named if is_number(number)]


def counts_told(given: Mapping[str, str], *names: str) -> dict[str, int]:
    """Counts of what was done, that the address of the next page tells."""
    return {name: int(given[name]) for name in names if is_number(given.get(name, ""))}


def is_number(text: str) -> bool:
    """Whether PostgreSQL takes it for the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63))
