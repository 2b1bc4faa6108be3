"""The mark of a restore that is under way."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0029_restore", "0024_growth"
upgrade, downgrade = plain_sql(revision)
