-- Versions that can be given up, by what an operator names: each filter counts only where it is given.

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
    AND d.state = any(%(states)s::text [])
    AND d.discarded_at IS NULL
    AND d.claimed_until IS NULL
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s))
    AND (%(code)s::text IS NULL OR d.code = %(code)s)
    AND (%(message)s::text IS NULL OR strpos(d.message, %(message)s) > 0)
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
ORDER BY d.row_id
LIMIT %(limit)s
