"""Contents of an order that are compared, and an index for companies by how their name begins."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0011_pages_orders", "0010_code_deliveries"
upgrade, downgrade = plain_sql(revision)
