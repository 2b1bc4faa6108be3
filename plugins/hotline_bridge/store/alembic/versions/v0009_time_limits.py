"""Working days, limits, 12345's deadlines, and the state of every limit of every order."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0009_time_limits", "0008_orders"
upgrade, downgrade = plain_sql(revision)
