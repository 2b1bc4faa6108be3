"""What the account of the pages reads is masked, and what it changes goes through functions that note who and why."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0003_acts_of_pages", "0002_analysts_pages_gateway"
upgrade, downgrade = plain_sql(revision)
