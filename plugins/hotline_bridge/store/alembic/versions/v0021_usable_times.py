"""Times of 12345 that cannot be used are read in one place."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0021_usable_times", "0020_resend"
upgrade, downgrade = plain_sql(revision)
