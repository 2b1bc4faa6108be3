-- Quarantined and held versions as a batch again, so that the same rules judge them as judge docking rows. One whose bytes are
-- escaped is not what 12345 meant, and stays.

INSERT INTO batch (source_tid, written_at, body)
SELECT
    '',
    d.written_at,
    convert_from(d.body, 'UTF8')
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s)
    AND d.interface = %(interface)s
    AND d.state IN ('quarantined', 'held')
    AND d.discarded_at IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest(d.reasons) AS r (reason)
        WHERE r.reason LIKE '%%:unreadable'
    )
ORDER BY d.row_id
