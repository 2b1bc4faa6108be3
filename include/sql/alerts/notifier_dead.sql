-- Who did not take an alert of today: refused, out of reach, or silent for an hour.

SELECT
    t.notifier AS subject,
    min(coalesce(t.failed_at, t.asked_at)) AS since,
    count(*) AS count
FROM hotline.alert AS a
INNER JOIN hotline.alert_told AS t ON a.row_id = t.alert
WHERE
    a.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
    AND t.sent_at IS null
    AND (t.failed_at IS NOT null OR t.asked_at < now() - interval '1 hour')
GROUP BY t.notifier
