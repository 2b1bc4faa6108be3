"""What waits for the audit, by an index."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0015_audit_queue", "0014_order_form"
upgrade, downgrade = plain_sql(revision)
