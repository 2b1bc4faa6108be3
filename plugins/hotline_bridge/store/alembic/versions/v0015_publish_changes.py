"""What publishing finds changes by."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0015_publish_changes", "0014_order_life"
upgrade, downgrade = plain_sql(revision)
