-- What a delivery that began now would claim, without claiming it.

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
    AND d.state IN ('waiting', 'rejected')
    AND d.next_attempt_at <= now()
ORDER BY d.row_id
LIMIT %(limit)s
