"""Indexes and table settings with which no job reads more as the years go by."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0024_growth", "0023_unpublished"
upgrade, downgrade = plain_sql(revision)
