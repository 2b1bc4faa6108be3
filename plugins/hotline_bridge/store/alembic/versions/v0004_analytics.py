"""What analysts read: subjects, rollups and indicators, and what keeps them true."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0004_analytics", "0003_months"
upgrade, downgrade = plain_sql(revision)
