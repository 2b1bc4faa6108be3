"""One row an order where the platform shows one; rows that cannot be read; how late a window is."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0018_one_row", "0016_open_deadlines"
upgrade, downgrade = plain_sql(revision)
