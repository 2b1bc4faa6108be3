"""Run records and alerts (告警): what unattended running needs."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0003_operation", "0002_telephony_tables"
upgrade, downgrade = plain_sql(revision)
