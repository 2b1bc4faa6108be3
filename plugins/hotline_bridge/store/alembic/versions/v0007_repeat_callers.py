"""An index for who calls again."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0007_repeat_callers", "0006_comments"
upgrade, downgrade = plain_sql(revision)
