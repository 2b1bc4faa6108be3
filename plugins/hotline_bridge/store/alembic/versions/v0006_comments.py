"""What columns mean, where that stood nowhere."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0006_comments", "0005_exports"
upgrade, downgrade = plain_sql(revision)
