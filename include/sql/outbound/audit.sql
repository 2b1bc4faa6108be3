-- name: find_audited
-- Versions that wait for a decision; on demand those that were returned, and what a return would hold back as well.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.content_hash,
    d.state,
    d.written_at,
    d.flags,
    CASE WHEN d.is_returned THEN 'return' END AS decision,
    CASE WHEN %(contents)s THEN hotline.shown_content(d.row_id) END AS content
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s::text [])
    AND d.state = any(%(states)s::text [])
    AND d.claimed_until IS NULL
    AND d.discarded_at IS NULL
    AND NOT d.outcome_unknown
    AND (%(decided)s OR NOT d.is_returned)
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS a
        WHERE a.delivery_id = d.row_id
    )
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s::text []))
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s::bigint []))
    AND (%(doubtful)s::boolean IS NULL OR (d.flags <> '{}') = %(doubtful)s)
    AND d.row_id > %(after)s
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: count_audited
-- How many wait for a decision, counted so far and no farther.

SELECT
    count(*) AS versions,
    min(w.taken_in_at) AS oldest
FROM (
    SELECT d.taken_in_at FROM hotline.delivery AS d
    WHERE
        d.interface = any(%(interfaces)s::text [])
        AND d.state = 'held'
        AND d.discarded_at IS NULL
        AND NOT d.is_returned
        AND NOT EXISTS (
            SELECT FROM hotline.asked_release AS a
            WHERE a.delivery_id = d.row_id
        )
    ORDER BY d.row_id
    LIMIT %(most)s
) AS w;

-- name: decide
SELECT hotline.decide_orders(
    %(row_ids)s, %(seen_returned)s, %(decision)s, %(office)s, %(person)s, %(reason)s, %(actor)s
);
