-- Rows of one docking table that the next intake would read.

SELECT count(*) FROM {table} AS d
WHERE d.collected_at IS NULL
