"""Calls of the platform that failed are found by outcome and by code without reading the others."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0006_failed_calls", "0005_searches_and_words"
upgrade, downgrade = plain_sql(revision)
