-- What this notifier was not told of today's alerts, held until the transaction ends. Whoever else is telling it holds all of
-- it, so another watch finds nothing.

SELECT
    t.alert,
    a.cause,
    a.subject,
    a.since,
    a.count,
    a.last_seen_at
FROM hotline.alert_told AS t
INNER JOIN hotline.alert AS a ON t.alert = a.row_id
WHERE
    t.notifier = %(notifier)s::text
    AND t.sent_at IS null
    AND a.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
ORDER BY t.alert
FOR UPDATE OF t SKIP LOCKED
