"""A rating by a code beyond the printed three is neither satisfied nor dissatisfied."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0003_satisfied", "0002_analysts_pages_gateway"
upgrade, downgrade = plain_sql(revision)
