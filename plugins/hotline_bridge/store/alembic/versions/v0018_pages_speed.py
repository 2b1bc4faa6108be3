"""Orders behind their time, from an index alone."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0018_pages_speed", "0017_lists_by_due"
upgrade, downgrade = plain_sql(revision)
