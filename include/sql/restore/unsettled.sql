-- Orders' versions that are not settled, and so may be with the platform since the backup was made. One that somebody passed is
-- decided.

SELECT
    d.row_id,
    d.key,
    d.state,
    d.body,
    coalesce((
        SELECT a.decision = 'pass' FROM hotline.order_audit AS a
        WHERE a.interface = d.interface AND a.regino = d.key AND a.content_hash = d.content_hash
        ORDER BY a.row_id DESC
        LIMIT 1
    ), FALSE) AS is_passed
FROM hotline.delivery AS d
WHERE
    d.interface = %(interface)s
    AND d.state IN ('waiting', 'rejected', 'held')
    AND d.discarded_at IS NULL
    AND d.body IS NOT NULL
    AND d.row_id > %(after)s
ORDER BY d.row_id
LIMIT 1000
