-- This notifier did not take what it was told: since the first time it did not.

UPDATE hotline.alert_told AS t
SET failed_at = now()
FROM hotline.alert AS a
WHERE
    t.alert = a.row_id
    AND t.notifier = %(notifier)s::text
    AND t.sent_at IS null
    AND t.failed_at IS null
    AND a.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
