"""A restore in a process of its own, for tests that kill it."""

from __future__ import annotations

import os

from hotline_bridge.by_hand import ByHand
from hotline_bridge.tasks.restore import restore

if __name__ == "__main__":
    restore(os.environ["SINCE"], ByHand("tester", "磁盘损坏"), print)
