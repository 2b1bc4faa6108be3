"""The history of quality checks, and indexes on the time by which they read the typed tables."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0004_quality", "0003_operation"
upgrade, downgrade = plain_sql(revision)
