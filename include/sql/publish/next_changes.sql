-- The next orders that changed, in the order of their changes, and whether 12345 put each: only orders that came by telephone
-- go back (4.1).

SELECT
    changed.regino,
    changed.row_ids,
    put.found IS NOT NULL AS is_put
FROM (
    SELECT
        c.regino,
        array_agg(c.row_id) AS row_ids
    FROM (
        SELECT
            n.regino,
            n.row_id
        FROM hotline.order_change AS n
        ORDER BY n.row_id
        LIMIT %(limit)s
    ) AS c
    GROUP BY c.regino
) AS changed
LEFT JOIN LATERAL (
    SELECT 1 AS found
    FROM hotline.delivery AS d
    WHERE d.interface = any(%(orders)s::text []) AND d.key = changed.regino
    ORDER BY d.content_hash
    LIMIT 1
) AS put ON TRUE
