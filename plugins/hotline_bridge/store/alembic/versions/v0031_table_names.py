"""Tables are called what they hold."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0031_table_names", "0024_growth"
upgrade, downgrade = plain_sql(revision)
