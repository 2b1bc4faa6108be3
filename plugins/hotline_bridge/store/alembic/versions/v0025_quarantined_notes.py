"""A quarantine for supplements, urges and deadlines."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0025_quarantined_notes", "0024_growth"
upgrade, downgrade = plain_sql(revision)
