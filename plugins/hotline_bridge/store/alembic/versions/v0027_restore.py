"""The mark of a restore that is under way."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0027_restore", "0026_bounded_waits"
upgrade, downgrade = plain_sql(revision)
