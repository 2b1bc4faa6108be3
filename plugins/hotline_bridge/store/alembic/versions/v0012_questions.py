"""Feedback, seats by hour and names of codes as quick as questions over years ask for them."""

from __future__ import annotations

from hotline_bridge.store.migrate import plain_sql, restate

revision, down_revision = "0012_questions", "0011_pages_orders"
upgrade, _take_back = plain_sql(revision)


def downgrade() -> None:
    """Make the views and functions of 0004_analytics again that were replaced."""
    restate("0004_analytics/02_order_fact.sql", "hotline.order_facts")
    restate("0004_analytics/05_orders.sql", "analytics.work_order")
    restate("0004_analytics/06_rollups.sql", "analytics.order_day", "analytics.call_hour", "analytics.satisfaction_day")
    restate("0004_analytics/07_indicators.sql", "analytics.freshness")
    _take_back()
    restate("0004_analytics/04_calls.sql", "analytics.seat_hour")
    restate("0004_analytics/05_orders.sql", "analytics.feedback")
