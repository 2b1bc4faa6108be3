-- Orders behind their time are counted, with the day of the oldest, from the index alone.
DROP INDEX hotline.order_fact_due;
CREATE INDEX order_fact_due ON hotline.order_fact (due_at, regino, kind) INCLUDE (registered_at)
WHERE finished_at IS NULL AND NOT is_returned AND NOT is_withdrawn;
