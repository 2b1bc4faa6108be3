-- An order that was delivered after the window of its registration was visited is due at once
-- (architecture: registration time), unless the window is visited soon anyway. Windows that are being visited just now
-- are left: the next run looks again.

WITH query AS (
    SELECT asked.name FROM unnest(%(queries)s::text []) AS asked (name)
),

delivered AS (
    SELECT
        d.key,
        d.settled_at,
        d.settled_at + %(visible_after)s::interval AS visible_at
    FROM hotline.delivery AS d
    WHERE d.interface = {interface} AND d.state = 'delivered' AND d.settled_at >= %(since)s
),

late AS (
    SELECT
        o.registime,
        delivered.visible_at
    FROM delivered
    INNER JOIN {order_table} AS o ON delivered.key = o.{order_key}
    WHERE
        NOT EXISTS (
            SELECT 1 FROM {case_table} AS known
            WHERE known.{case_key} = delivered.key
        )
        AND NOT EXISTS (
            SELECT 1 FROM {returned_table} AS refused
            WHERE refused.{returned_key} = delivered.key
        )
),

place AS (
    SELECT
        late.registime,
        late.visible_at,
        (
            SELECT w.row_id
            FROM hotline.collection_window AS w
            WHERE w.interface = query.name AND w.begins <= late.registime
            ORDER BY w.begins DESC
            LIMIT 1
        ) AS window_id
    FROM late CROSS JOIN query
),

chosen AS (
    SELECT w.row_id
    FROM place INNER JOIN hotline.collection_window AS w ON place.window_id = w.row_id
    WHERE
        coalesce(w.due_at > %(now)s::timestamptz + %(soon)s::interval, TRUE) -- noqa: RF02
        AND place.registime < w.ends
        AND place.visible_at > w.visited_at
    FOR UPDATE OF w SKIP LOCKED
)

UPDATE hotline.collection_window AS w
SET due_at = %(now)s, due_because = 'asked'
FROM chosen
WHERE w.row_id = chosen.row_id
