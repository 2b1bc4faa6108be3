"""What the last fetch of each drain found."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0013_drains", "0012_reconciliation"
upgrade, downgrade = plain_sql(revision)
