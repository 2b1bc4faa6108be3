"""Alerts are told notifier by notifier; a DAG that never ran is missed from the day of installation on."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0019_alerts_told", "0018_one_row"
upgrade, downgrade = plain_sql(revision)
