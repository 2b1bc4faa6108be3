"""Limits of open orders are judged through indexes; what the platform stopped showing is withdrawn."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0016_open_deadlines", "0015_publish_changes"
upgrade, downgrade = plain_sql(revision)
