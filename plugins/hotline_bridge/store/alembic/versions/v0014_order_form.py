"""Openings of the order form inside 12345."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql

revision, down_revision = "0014_order_form", "0013_replies"
upgrade, downgrade = plain_sql(revision)
