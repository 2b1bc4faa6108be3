"""What becomes of each version, told again in Python: the model that the stores are held to.

See architecture: one version, one state. It knows what 12345 wrote and what the platform's history says, never what the
bridge's tables hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from hotline_sandbox.server.history import CallRecord

State = Literal["waiting", "held", "delivered", "rejected", "quarantined", "superseded"]
_SENDABLE = frozenset({"waiting", "delivered", "rejected"})

_MEANING: dict[str | None, tuple[State, bool]] = {
    None: ("delivered", True),
    "reset_before": ("waiting", True),
    "reset_after": ("waiting", True),
    "empty": ("waiting", True),
    "status": ("waiting", False),
    "code": ("rejected", False),
}
"""By what befell a call: the state that it leads to, and whether the version may have arrived though no answer says so.

`status` is a 404 here, which says that nothing was carried out.
"""


@dataclass(frozen=True)
class Content:
    """One content that 12345 can write: its key, its hash, and what the printed rules say of it."""

    key: str
    sha: str
    verdict: State
    """`waiting` (good), `held` or `quarantined`."""


@dataclass
class Version:
    """One content that was taken in."""

    content: Content
    written_at: datetime
    order: int
    state: State
    unknown: bool = False
    """The platform may have it although nobody was told so."""
    claimed: bool = False

    @property
    def place(self) -> tuple[datetime, int]:
        """Its place among the versions of its key."""
        return self.written_at, self.order


@dataclass
class Ledger:
    """All versions, what the typed table shows, and what went to history."""

    versions: dict[str, Version] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)
    last_sent: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def take_in(self, rows: Sequence[tuple[Content, datetime]]) -> None:
        """One batch of docking rows, in the order of reading."""
        newest_copy: dict[Content, datetime] = {}
        for content, written_at in rows:
            newest_copy[content] = max(written_at, newest_copy.pop(content, written_at))
        for content, written_at in sorted(newest_copy.items(), key=lambda item: item[1]):
            self._write(content, written_at)
        touched = {content.key for content in newest_copy}
        self._supersede(touched - {""})
        for key in touched:
            self._show_newest(key)

    def _write(self, content: Content, written_at: datetime) -> None:
        known = self.versions.get(content.sha)
        if known is None:
            self.versions[content.sha] = Version(content, written_at, len(self.versions), content.verdict)
        elif written_at > known.written_at:
            known.written_at = written_at
            if known.state == "superseded":
                known.state = content.verdict

    def _supersede(self, keys: Iterable[str]) -> None:
        """A newer version takes the place of all that the platform certainly has not got."""
        ended = [
            old
            for key in keys
            for old in self._of(key)
            if old.state in {"waiting", "rejected", "held", "quarantined"}
            and not (old.claimed or old.unknown)
            and any(newer.state in _SENDABLE or newer.state == old.state == "held" for newer in self._newer_than(old))
        ]
        for old in ended:
            old.state = "superseded"

    def _show_newest(self, key: str) -> None:
        good = [version for version in self._of(key) if version.content.verdict != "quarantined"]
        if not good:
            return
        newest = max(good, key=lambda version: version.place).content.sha
        shown = self.current.get(key)
        if shown is not None and shown != newest:
            self.replaced[shown] += 1
        self.current[key] = newest

    def claim(self, shas: Iterable[str]) -> None:
        """A run holds these versions now; a claim that ran out was held by somebody who may have sent."""
        for version in (self.versions[sha] for sha in shas):
            self._may_be_sent(version)
            version.unknown = version.unknown or version.claimed
            version.claimed = True

    def give_back(self, shas: Iterable[str]) -> None:
        """A run gives these versions back without having sent them."""
        for version in (self.versions[sha] for sha in shas):
            version.claimed = False
            if not version.unknown and self._overtaken(version):
                version.state = "superseded"

    def deliver(self, calls: Sequence[CallRecord]) -> None:
        """One or more runs at once that settled all they sent; `calls` is what the platform saw of them, in order."""
        for sha, tries in groupby(_by_round(calls), key=lambda record: record["body_sha256"]):
            self.claim([sha])
            self._settle(self.versions[sha], [_MEANING[record["fault"]] for record in tries])

    def note_sent(self, calls: Iterable[CallRecord]) -> None:
        """Per key the platform never hears an old version after a newer one."""
        for record in calls:
            version = self.versions[record["body_sha256"]]
            key = version.content.key
            assert version.place >= self.last_sent.get(key, version.place), f"{key}: old after new"
            self.last_sent[key] = version.place

    def _may_be_sent(self, version: Version) -> None:
        key = version.content.key
        assert version.state in {"waiting", "rejected"}, f"{key}: sent though {version.state}"
        others = [other for other in self._of(key) if other is not version]
        assert not any(other.claimed for other in others), f"{key}: two versions in flight"
        assert not any(
            (other.state == "waiting" or other.unknown) and other.place < version.place for other in others
        ), f"{key}: an older version is unsettled"
        if version.state == "rejected" and not (version.claimed or version.unknown):
            assert not self._overtaken(version), f"{key}: a refused version is tried though a newer one came"

    def _settle(self, version: Version, tries: list[tuple[State, bool]]) -> None:
        state = tries[-1][0]
        unknown = state == "waiting" and (version.unknown or any(arrived for _, arrived in tries))
        version.claimed, version.unknown = False, unknown
        if state != "delivered" and not unknown and self._overtaken(version):
            state = "superseded"
        version.state = state

    def _of(self, key: str) -> list[Version]:
        return [version for version in self.versions.values() if version.content.key == key]

    def _newer_than(self, version: Version) -> list[Version]:
        return [other for other in self._of(version.content.key) if other.place > version.place]

    def _overtaken(self, version: Version) -> bool:
        return any(newer.state in _SENDABLE for newer in self._newer_than(version))

    def newest_sendable(self) -> dict[str, str]:
        """By key, the newest content that is complete and obeys the printed rules: what the platform has to know."""
        newest: dict[str, Version] = {}
        for version in self.versions.values():
            key = version.content.key
            if version.content.verdict == "waiting" and (key not in newest or version.place > newest[key].place):
                newest[key] = version
        return {key: version.content.sha for key, version in newest.items()}


def _by_round(calls: Sequence[CallRecord]) -> list[CallRecord]:
    """Calls of one version side by side, versions in the order of their first call: a run sends each in one round."""
    first: dict[str, int] = {}
    for record in calls:
        first.setdefault(record["body_sha256"], record["seq"])
    return sorted(calls, key=lambda record: (first[record["body_sha256"]], record["seq"]))
