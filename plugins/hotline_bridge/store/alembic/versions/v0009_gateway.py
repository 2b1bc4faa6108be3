"""Who may call the gateway, and what feedback each is still to fetch."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0009_gateway", "0008_pages"
upgrade, downgrade = plain_sql(revision)
