-- The next orders that changed, each with all changes of it, and whether 12345 put it: only orders that came by telephone go
-- back (4.1). LIMIT asks for each of them by the index: reading the queue through would cost the more the longer it lives.

SELECT
    changed.regino,
    changed.row_ids,
    put.found IS NOT NULL AS is_put
FROM (
    SELECT
        c.regino,
        array_agg(c.row_id) AS row_ids
    FROM hotline.order_change AS c
    GROUP BY c.regino
    ORDER BY c.regino
    LIMIT %(limit)s
) AS changed
LEFT JOIN LATERAL (
    SELECT 1 AS found
    FROM hotline.delivery AS d
    WHERE d.interface = any(%(orders)s::text []) AND d.key = changed.regino
    ORDER BY d.content_hash
    LIMIT 1
) AS put ON TRUE
