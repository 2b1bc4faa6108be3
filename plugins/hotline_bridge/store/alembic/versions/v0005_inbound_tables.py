"""Typed tables of the inbound interfaces, written by `python -m hotline_bridge.store.typed_tables`."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0005_inbound_tables", "0004_quality"
upgrade, downgrade = plain_sql(revision)
