"""Since release 0.1.0: persons told apart and erased, views of analysts, pages, and the gateway."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0002_analysts_pages_gateway", "0001_initial"
upgrade, downgrade = plain_sql(revision)
