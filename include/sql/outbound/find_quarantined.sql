-- Quarantined versions by what an operator names: each filter counts only where it is given.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.reasons,
    d.written_at,
    d.discarded_at,
    d.body
FROM hotline.delivery AS d
WHERE
    d.state = 'quarantined'
    AND (%(discarded)s OR d.discarded_at IS NULL)
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s))
    AND (%(interface)s::text IS NULL OR d.interface = %(interface)s)
    AND (%(reason)s::text IS NULL OR %(reason)s = any(d.reasons))
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
ORDER BY d.row_id
LIMIT %(limit)s
