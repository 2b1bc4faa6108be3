"""The delivery queue, the interaction log and the functions of the row rules."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0001_outbound", None
upgrade, downgrade = plain_sql(revision)
