"""Keys that tell records of one person, masks, and erasure."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0002_personal_data", "0001_initial"
upgrade, downgrade = plain_sql(revision)
