-- name: newest
-- The newest row of one order, and what 12345 can read of its state.

SELECT
    s.state,
    s.message,
    row_to_json(raw) AS content
FROM (
    SELECT {content}
    FROM {table} AS d
    WHERE {key} = %(regino)s
    ORDER BY d.written_at DESC NULLS LAST
    LIMIT 1
) AS raw
LEFT JOIN docking.order_status AS s ON s.regino = %(regino)s;

-- name: write
INSERT INTO {table} ({columns}, written_at) VALUES ({values}, clock_timestamp());
