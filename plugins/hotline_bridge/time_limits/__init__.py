"""Time limits (处理时限): working days, what is due and overdue (specification 4.2.10, 4.2.11, 4.6)."""
