"""Typed tables of the three orders that 12345 puts, and what was replaced in them."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0007_order_tables", "0006_collection"
upgrade, downgrade = plain_sql(revision)
