-- What a replay would send: refused versions, and waiting ones before their time; delivered ones only by key and on demand.
-- A version that a newer one has followed is left alone, and so is one in flight.

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
    d.interface = any(%(interfaces)s)
    AND (
        d.state IN ('rejected', 'waiting')
        OR (%(delivered)s AND d.state = 'delivered' AND d.key = any(%(keys)s::text []))
    )
    AND d.claimed_until IS NULL
    AND d.discarded_at IS NULL
    AND d.body IS NOT NULL
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s))
    AND (%(code)s::text IS NULL OR d.code = %(code)s)
    AND (%(message)s::text IS NULL OR strpos(d.message, %(message)s) > 0)
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
    AND NOT EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.state IN ('waiting', 'delivered', 'rejected')
            AND newer.discarded_at IS NULL
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
    )
ORDER BY d.row_id
LIMIT %(limit)s
