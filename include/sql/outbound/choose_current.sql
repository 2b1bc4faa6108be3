-- Of the versions just queued, those that are the newest good one of their key: what the typed table has to hold.

UPDATE version AS v
SET is_current = true
WHERE v.delivery_id = (
    SELECT d.row_id
    FROM hotline.delivery AS d
    WHERE d.interface = %(interface)s AND d.key = v.key AND d.reasons = '{}'
    ORDER BY d.written_at DESC, d.row_id DESC
    LIMIT 1
)
