"""Who looked for a person is kept as other tables are; why one is seen, and the platform's words, the store minds."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0005_searches_and_words", "0004_acts_of_pages"
upgrade, downgrade = plain_sql(revision)
