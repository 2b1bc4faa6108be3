"""What the account of the pages reads is masked, and what it changes goes through functions that note who and why."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0004_acts_of_pages", "0003_satisfied"
upgrade, downgrade = plain_sql(revision)
