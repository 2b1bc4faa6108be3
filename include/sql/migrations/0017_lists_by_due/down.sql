DROP INDEX hotline.order_fact_due;
CREATE INDEX order_fact_due ON hotline.order_fact (due_at, regino, kind)
WHERE finished_at IS NULL AND NOT is_returned AND NOT is_withdrawn;
