"""Daily counts of both sides, where within a day they differ, and how the platform reads a window's ends."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0012_reconciliation", "0011_publication"
upgrade, downgrade = plain_sql(revision)
