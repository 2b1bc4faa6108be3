"""What the platform has stored: the keys of each interface, and when each order was registered."""

from __future__ import annotations

from collections import defaultdict


class StoredReports:
    """The current reports by interface and key. A repeated key replaces what it held."""

    def __init__(self) -> None:
        self._registered: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def put(self, interface: str, key: str, registered: str) -> None:
        """Store one report; `registered` is YYYYMMDDhhmmss, or empty for what has no time of registration."""
        self._registered[interface][key] = registered

    def holds(self, interface: str, key: str) -> bool:
        """Whether a report with this key is stored."""
        return key in self._registered[interface]

    def distinct(self, interface: str) -> int:
        """How many different keys are stored."""
        return len(self._registered[interface])

    def registered_between(self, interface: str, begin: str, end: str) -> int:
        """How many reports were registered in the closed window of two YYYYMMDDhhmmss times."""
        return sum(begin <= registered <= end for registered in self._registered[interface].values())
