"""What the platform has stored of the reports: the keys of each interface."""

from __future__ import annotations

from collections import defaultdict


class StoredReports:
    """The keys of the current reports by interface. A repeated key replaces what it held."""

    def __init__(self) -> None:
        self._keys: defaultdict[str, set[str]] = defaultdict(set)

    def put(self, interface: str, key: str) -> None:
        """Store one report."""
        self._keys[interface].add(key)

    def holds(self, interface: str, key: str) -> bool:
        """Whether a report with this key is stored."""
        return key in self._keys[interface]

    def distinct(self, interface: str) -> int:
        """How many different keys are stored."""
        return len(self._keys[interface])
