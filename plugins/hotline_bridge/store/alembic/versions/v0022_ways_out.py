"""Rows of answers are ended by hand, too, and every decision is kept with its reason."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0022_ways_out", "0021_usable_times"
upgrade, downgrade = plain_sql(revision)
