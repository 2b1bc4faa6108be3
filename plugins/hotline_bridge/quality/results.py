"""What a quality check (质量检查) found: one type for what Great Expectations and what SQL files judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from hotline_bridge.quality.words import words_of
from hotline_bridge.window import asked_window

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]

KEY_LIMIT = 50
"""Keys of failing rows that are kept; the table's own check holds the same number."""
DEFAULT_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """Rows written (inbound: loaded) from `begin` up to, not including, `end`; aware datetimes."""

    begin: datetime
    end: datetime


def window_of(begin: str | None, end: str | None, now: datetime) -> Window:
    """The window that two texts ask for (`window.asked_window`), the last seven days before `now` without.

    Raises:
        StopRun: They ask for no window.
    """
    return Window(*(asked_window(begin, end) or (now - DEFAULT_SPAN, now)))


@dataclass(frozen=True, slots=True)
class Result:
    """One rule on one table; `failing` of `checked` rows (hours, columns) broke it. Holds keys, never other values."""

    table: str
    """In schema hotline."""
    rule: str
    """`field:kind`, or the kind alone where the rule is about the table; kinds are those of `quality.words`."""
    severity: Severity
    checked: int
    failing: int
    keys: tuple[str, ...] = ()
    """At most KEY_LIMIT of the failing ones."""

    @property
    def passed(self) -> bool | None:
        """None: there was nothing to judge."""
        return self.failing == 0 if self.checked else None

    @property
    def message_zh(self) -> str:
        """The result as a sentence for staff: rule and counts, without any value or key."""
        title = f"{self.table} {self.rule.rpartition(':')[0]}".strip()
        words = words_of(self.rule)
        if self.passed is None:
            return f"{title}：{words.nothing}"
        told = words.good if self.passed else words.bad
        if not words.unit:
            return f"{title}：{told}"
        if self.passed:
            return f"{title}：{told}（{self.checked} {words.unit}）"
        return f"{title}：{told}，{self.checked} {words.unit}中有 {self.failing} {words.unit}"


def judge(
    table: str, rule: str, *, error_above: float | None, checked: int, failing: int, keys: Iterable[object] = ()
) -> Result:
    """The result of a rule from its counts.

    Args:
        table: In schema hotline.
        rule: See `Result.rule`.
        error_above: Share of the checked above which the failing are an error; up to it, and always when None, they are
            a warning, which does not turn a run red.
        checked: How many were judged.
        failing: How many of them broke the rule.
        keys: Of the failing; blank ones are left out.
    """
    tolerated = error_above is None or 0 < failing <= error_above * checked
    severity: Severity = "warning" if tolerated else "error"
    named = tuple(str(key) for key in keys if key not in {None, ""})[:KEY_LIMIT]
    return Result(table, rule, severity, checked, failing, named)
