-- Whole months: a row is kept for up to a month longer.

SELECT gone FROM hotline.drop_months('interaction_log', now() - %(keep)s::interval) AS gone
