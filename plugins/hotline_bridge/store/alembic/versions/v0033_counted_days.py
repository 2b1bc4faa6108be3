"""Days that the platform has counted, one row each."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0033_counted_days", "0024_growth"
upgrade, downgrade = plain_sql(revision)
