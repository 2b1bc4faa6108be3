"""Tables are called what they hold."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0028_table_names", "0027_restore"
upgrade, downgrade = plain_sql(revision)
