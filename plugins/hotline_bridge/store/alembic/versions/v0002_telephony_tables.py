"""The typed tables of the four telephony logs (4.2.3), with their histories."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0002_telephony_tables", "0001_outbound"
upgrade, downgrade = plain_sql(revision)
