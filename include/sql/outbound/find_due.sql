-- What a delivery that began now would claim, without claiming it; a half for each index of the queue.

WITH due AS (
    SELECT fresh.row_id
    FROM hotline.delivery AS fresh
    WHERE fresh.interface = any(%(interfaces)s) AND fresh.state = 'waiting' AND fresh.rounds = 0
    UNION ALL
    SELECT again.row_id
    FROM hotline.delivery AS again
    WHERE
        again.interface = any(%(interfaces)s)
        AND again.state IN ('waiting', 'rejected')
        AND again.rounds > 0
        AND again.next_attempt_at <= now()
)

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.state,
    d.code,
    d.message,
    d.body
FROM hotline.delivery AS d
WHERE
    d.row_id = any(array(
        SELECT due.row_id FROM due
        ORDER BY due.row_id
        LIMIT %(limit)s
    ))
ORDER BY d.row_id
