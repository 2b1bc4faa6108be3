-- One alert a cause, subject and day; what goes on is only seen again.

INSERT INTO hotline.alert AS known (cause, subject, day, since, count)
SELECT
    found.cause,
    found.subject,
    (now() AT TIME ZONE 'Asia/Shanghai')::date,
    found.since,
    found.count
FROM
    unnest(%(causes)s::text [], %(subjects)s::text [], %(since)s::timestamptz [], %(counts)s::bigint [])
        AS found (cause, subject, since, count)
ON CONFLICT (cause, subject, day) DO UPDATE
    SET last_seen_at = now(), count = excluded.count
