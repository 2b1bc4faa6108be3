"""Code lists that are uploaded."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0010_code_deliveries", "0009_gateway"
upgrade, downgrade = plain_sql(revision)
