-- Of versions that were just claimed to be sent once more, those of whose key a newer one has come: it may have been claimed
-- by a run that could not see this claim yet. Whoever asks after the claim sees it, or is seen.

SELECT d.row_id
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s::bigint [])
    AND EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.row_id <> d.row_id
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
            AND newer.state IN ('waiting', 'held', 'rejected', 'delivered')
    )
