-- One row, marked for a try; the transaction is taken back. A row that somebody holds is left alone.

WITH one AS (
    SELECT {place} AS place
    FROM {table} AS d
    LIMIT 1 -- noqa: AM09
    FOR UPDATE SKIP LOCKED
)

UPDATE {table} AS d
SET collected_at = clock_timestamp()
FROM one
WHERE {place} = one.place
RETURNING d.collected_at IS NOT NULL AS stays
