-- Keys whose newest content the platform got before another content of the same key: 12345 put an old content back, and
-- equal content is never sent twice (architecture: never old after new), so the platform still shows the one in
-- between.

SELECT count(*)
FROM hotline.delivery AS newest
WHERE
    newest.interface = %(interface)s
    AND newest.state = 'delivered'
    AND EXISTS (
        SELECT 1
        FROM hotline.delivery AS later
        WHERE
            later.interface = newest.interface
            AND later.key = newest.key
            AND later.state = 'delivered'
            AND later.settled_at > newest.settled_at
            AND (later.written_at, later.row_id) < (newest.written_at, newest.row_id)
    )
    AND NOT EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = newest.interface
            AND newer.key = newest.key
            AND newer.state IN ('waiting', 'delivered', 'rejected')
            AND (newer.written_at, newer.row_id) > (newest.written_at, newest.row_id)
    )
