"""The life of an order in one place."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0014_order_life", "0013_drains"
upgrade, downgrade = plain_sql(revision)
