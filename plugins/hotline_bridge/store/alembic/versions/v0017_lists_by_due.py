"""Overdue orders, from an index alone."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0017_lists_by_due", "0016_storing_cost"
upgrade, downgrade = plain_sql(revision)
