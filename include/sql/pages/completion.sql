-- name: waiting
-- Orders whose newest content that was not superseded broke rules or is held, oldest first: each once, however many contents of it
-- wait.

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
    AND NOT EXISTS (
        SELECT FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.state IN ('quarantined', 'held')
            AND newer.discarded_at IS NULL
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
    )
    AND (%(after_at)s::timestamptz IS NULL OR (d.taken_in_at, d.row_id) > (%(after_at)s, %(after_id)s::bigint))
ORDER BY d.taken_in_at, d.row_id
LIMIT %(limit)s;

-- name: newest
-- What an order is now; nothing where its content is kept no longer: an older content is not what it is.

SELECT shown.* -- noqa: AM04
FROM (
    SELECT
        newest.interface,
        newest.row_id,
        newest.state,
        newest.written_at,
        newest.reasons,
        newest.flags,
        hotline.shown_content(newest.row_id) AS content,
        hotline.completions_seen(newest.interface, %(regino)s) AS changes
    FROM (
        SELECT
            d.interface,
            d.row_id,
            d.state,
            d.written_at,
            d.reasons,
            d.flags
        FROM hotline.delivery AS d
        WHERE d.interface = any(%(interfaces)s) AND d.key = %(regino)s
        ORDER BY d.written_at DESC, d.row_id DESC
        LIMIT 1
    ) AS newest
) AS shown
WHERE shown.content IS NOT NULL;

-- name: completions
-- What the bureau completed, and who.

SELECT
    c.field,
    c.actor,
    c.completed_at,
    c.reason,
    c.value,
    c.is_applied
FROM hotline.shown_completions(%(interface)s, %(regino)s) AS c;

-- name: source
-- What 12345 wrote, without what was completed.

SELECT hotline.shown_source(%(interface)s, %(regino)s);
