"""Codes of the standard data, with their versions."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0010_standard_data", "0009_time_limits"
upgrade, downgrade = plain_sql(revision)
