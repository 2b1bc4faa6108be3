"""What the pages need: their acts, one order unmasked, lists by index."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0008_pages", "0007_repeat_callers"
upgrade, downgrade = plain_sql(revision)
