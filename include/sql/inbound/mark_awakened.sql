-- A window that nobody visits any more, as no order of it was open, is due at once when the case of an order came into it.

WITH query AS (
    SELECT asked.name FROM unnest(%(queries)s::text []) AS asked (name)
),

come AS (
    SELECT
        c.registime,
        c.loaded_at
    FROM {case_table} AS c
    WHERE
        c.loaded_at >= %(since)s
        AND c.registime < (
            SELECT max(asleep.ends) FROM hotline.collection_window AS asleep
            WHERE asleep.due_at IS NULL
        )
),

place AS (
    SELECT
        come.registime,
        come.loaded_at,
        (
            SELECT w.row_id
            FROM hotline.collection_window AS w
            WHERE w.interface = query.name AND w.begins <= come.registime
            ORDER BY w.begins DESC
            LIMIT 1
        ) AS window_id
    FROM come CROSS JOIN query
),

chosen AS (
    SELECT w.row_id
    FROM place INNER JOIN hotline.collection_window AS w ON place.window_id = w.row_id
    WHERE w.due_at IS NULL AND place.registime < w.ends AND place.loaded_at > w.visited_at
    FOR UPDATE OF w SKIP LOCKED
)

UPDATE hotline.collection_window AS w
SET due_at = %(now)s, due_because = 'asked'
FROM chosen
WHERE w.row_id = chosen.row_id
