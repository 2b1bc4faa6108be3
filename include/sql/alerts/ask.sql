-- What this notifier is to be told today. That it was out of reach is for the others.

INSERT INTO hotline.alert_told (alert, notifier)
SELECT
    a.row_id,
    %(notifier)s::text AS notifier
FROM hotline.alert AS a
WHERE
    a.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
    AND NOT (a.cause = 'notifier_dead' AND a.subject = %(notifier)s::text)
ORDER BY a.row_id
ON CONFLICT DO NOTHING
