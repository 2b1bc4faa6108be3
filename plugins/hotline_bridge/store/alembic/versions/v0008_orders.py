"""What is laid over orders and kept beside them: completions, supplements, urges, audit decisions; and seats."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0008_orders", "0007_order_tables"
upgrade, downgrade = plain_sql(revision)
