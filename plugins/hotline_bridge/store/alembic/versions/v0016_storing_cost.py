"""What is noted and computed for each stored row costs less."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0016_storing_cost", "0015_audit_queue"
upgrade, downgrade = plain_sql(revision)
