"""Changes of orders are noted by triggers; what a table of the docking store did not take is kept for the next run."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0023_unpublished", "0022_ways_out"
upgrade, downgrade = plain_sql(revision)
