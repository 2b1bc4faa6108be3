"""Until when results were written back, finished orders, and indexes on what changed since."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0011_publication", "0010_standard_data"
upgrade, downgrade = plain_sql(revision)
