"""What is told: alerts of one cause as one entry, in Chinese, with counts, the list of subjects, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import CONDITIONS, SEVERITY_ZH, Alert, Condition
from hotline_bridge.cities import called
from hotline_bridge.contract.reader import contract
from hotline_bridge.quality.words import words_of
from hotline_bridge.reconcile.words import KIND_ZH

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SUBJECTS = 8
"""Subjects of an entry that are named; the rest is counted."""
_MOST_REMEDIES = 3
_STALE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Entry:
    """The alerts of one cause, largest first."""

    cause: str
    alerts: Sequence[Alert]

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        return self._condition.title

    @property
    def heading(self) -> str:
        """The title, and how many subjects it is about where there are several."""
        return self.title if len(self.alerts) == 1 else f"{self.title}（{len(self.alerts)} 项）"

    @property
    def severity(self) -> str:
        """How much it matters, in Chinese."""
        return SEVERITY_ZH[self._condition.severity]

    @property
    def text(self) -> str:
        """What happened, since when, how many, and what to do; in Chinese, without personal data."""
        return f"{self._what}\n{self._times}。\n处理：{self._remedy}"

    @property
    def line(self) -> str:
        """All of it in one line, for a terminal and a log."""
        return f"{self.severity} {self.heading}：{self._what}{self._times}。处理：{self._remedy}"

    @property
    def _condition(self) -> Condition:
        return CONDITIONS[self.cause]

    @property
    def _what(self) -> str:
        """The largest alert as a sentence, the next by subject and count."""
        first, *others = self.alerts
        told = _here(self._condition.what).format(subject=_in_words(first.subject)[0], count=first.count).rstrip("。")
        if others:
            named = [f"{_in_words(alert.subject)[0]} {alert.count}" for alert in others[: MOST_SUBJECTS - 1]]
            told += f"；另有 {'、'.join(named)}{f' 等共 {len(self.alerts)} 项' if len(others) > len(named) else ''}"
        return f"{told}。{self._condition.note}"

    @property
    def _times(self) -> str:
        since = f"始于 {min(alert.since for alert in self.alerts):%Y-%m-%d %H:%M}"
        seen = max((alert.seen_at for alert in self.alerts if alert.seen_at), default=None)
        gone = seen is not None and datetime.now(UTC) - seen > _STALE
        return f"{since}，最后一次出现 {seen:%H:%M}" if gone else since

    @property
    def _remedy(self) -> str:
        of_rules = dict.fromkeys(_in_words(alert.subject)[1] for alert in self.alerts)
        rule = "".join(of_rules) if len(of_rules) <= _MOST_REMEDIES else ""
        return _here(self._condition.remedy).format(rule=rule)


def entries(alerts: Sequence[Alert]) -> list[Entry]:
    """One entry a cause, most severe first."""
    by_cause: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_cause.setdefault(alert.cause, []).append(alert)
    order = list(CONDITIONS)
    return [
        Entry(cause, sorted(by_cause[cause], key=lambda alert: -alert.count))
        for cause in sorted(by_cause, key=lambda cause: (CONDITIONS[cause].severity, order.index(cause)))
    ]


def _here(words: str) -> str:
    """Words of a condition, with the connections called what they are called in this city."""
    for fixed in ("local_db", "platform_12315"):
        words = words.replace(fixed, called(fixed))
    return words


def _in_words(subject: str) -> tuple[str, str]:
    """A subject for people, and what to do about it where it is a rule of a table, such as `call_log calltype:code`."""
    if kind := KIND_ZH.get(subject):
        return kind, ""
    if interface := contract().get(subject):
        return f"{interface.label_zh}（{subject}）", ""
    table, _, rule = subject.partition(" ")
    if not rule:
        return subject, ""
    words = words_of(rule)
    return f"{table} {rule}（{words.bad}）", words.remedy
