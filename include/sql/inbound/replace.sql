-- Rows of an order replace its current rows (architecture: replace by order): what a whole answer does not repeat goes
-- to history. An order of which a row broke a rule, or that was not asked for, only gains rows: nothing says that the
-- others are gone.

WITH gone AS (
    DELETE FROM {table} AS t
    WHERE t.row_id = any(%(row_ids)s)
    RETURNING t.*
)

INSERT INTO {history} (
    row_id, {columns}, flags, content_hash, source, requested_at, window_begin, window_end, missing_since, loaded_at, replaced_by
)
SELECT
    row_id,
    {columns},
    flags,
    content_hash,
    source,
    requested_at,
    window_begin,
    window_end,
    missing_since,
    loaded_at,
    %(requested_at)s::timestamptz AS replaced_by
FROM gone
