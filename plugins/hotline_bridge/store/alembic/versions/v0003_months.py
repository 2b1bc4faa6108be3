"""The interaction log by months."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0003_months", "0002_personal_data"
upgrade, downgrade = plain_sql(revision)
