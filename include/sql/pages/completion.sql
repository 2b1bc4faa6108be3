-- name: waiting
-- Orders whose newest content broke rules or is held, oldest first.

SELECT
    d.row_id,
    d.key,
    d.interface,
    d.state,
    d.taken_in_at,
    d.reasons,
    d.flags
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s)
    AND d.state IN ('quarantined', 'held')
    AND d.discarded_at IS NULL
    AND d.key <> ''
    AND (%(state)s::text IS NULL OR d.state = %(state)s)
    AND (%(after_at)s::timestamptz IS NULL OR (d.taken_in_at, d.row_id) > (%(after_at)s, %(after_id)s::bigint))
ORDER BY d.taken_in_at, d.row_id
LIMIT %(limit)s;

-- name: newest
-- What an order is now, with all that was completed; nothing where that is kept no longer: an older content is not what it is.

SELECT newest.* -- noqa: AM04
FROM (
    SELECT
        d.interface,
        d.row_id,
        d.state,
        d.written_at,
        d.reasons,
        d.flags,
        d.body
    FROM hotline.delivery AS d
    WHERE d.interface = any(%(interfaces)s) AND d.key = %(regino)s
    ORDER BY d.written_at DESC, d.row_id DESC
    LIMIT 1
) AS newest
WHERE newest.body IS NOT NULL;

-- name: completions
-- What the bureau completed, and who.

SELECT
    c.field,
    c.actor,
    c.completed_at,
    hotline.scrub_text(
        c.reason,
        array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = %(regino)s
        )
    ) AS reason
FROM hotline.order_completion AS c
WHERE c.interface = %(interface)s AND c.regino = %(regino)s AND c.ended_at IS NULL
ORDER BY c.completed_at, c.row_id;
