"""What a reconciliation wants to be sent once more is marked in the queue, and goes by the one sender."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0020_resend", "0019_alerts_told"
upgrade, downgrade = plain_sql(revision)
