"""Days that the platform has counted, one row each."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0029_counted_days", "0028_table_names"
upgrade, downgrade = plain_sql(revision)
