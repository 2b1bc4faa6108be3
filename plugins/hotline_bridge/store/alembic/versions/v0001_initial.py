"""The schema of release 0.1.0."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0001_initial", None
upgrade, downgrade = plain_sql(revision)
