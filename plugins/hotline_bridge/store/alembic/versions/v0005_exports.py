"""What left the store as a file, and who took it."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0005_exports", "0004_analytics"
upgrade, downgrade = plain_sql(revision)
