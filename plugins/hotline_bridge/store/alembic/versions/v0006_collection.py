"""Windows of registration time, landed answers, and rows of answers that broke a rule."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0006_collection", "0005_inbound_tables"
upgrade, downgrade = plain_sql(revision)
