"""One reply that comes by two sets of interfaces is told by its words and its place among equal ones."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0013_replies", "0012_questions"
upgrade, downgrade = plain_sql(revision)
