"""Indexes by which windows are found whose times lie ahead of the clock."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0026_bounded_waits", "0025_quarantined_notes"
upgrade, downgrade = plain_sql(revision)
