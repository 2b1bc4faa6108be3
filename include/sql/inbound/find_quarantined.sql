-- Rows of answers in quarantine by what an operator names, newest last; each filter counts only where it is given.

SELECT
    q.row_id,
    q.interface,
    q.key,
    q.reasons,
    q.raw,
    q.state,
    q.first_seen_at
FROM hotline.quarantined_answer AS q
WHERE
    (%(every_state)s OR q.state = 'open')
    AND (%(row_ids)s::bigint [] IS NULL OR q.row_id = any(%(row_ids)s))
    AND (%(rule)s::text IS NULL OR %(rule)s = any(q.reasons))
    AND (%(interface)s::text IS NULL OR q.interface = %(interface)s)
    AND (%(key)s::text IS NULL OR q.key = %(key)s)
ORDER BY q.row_id
LIMIT %(limit)s
