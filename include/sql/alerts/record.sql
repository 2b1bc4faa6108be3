-- One alert a cause, subject and day; what goes on is only seen again. Where a cause says when its newest case came, a new day
-- begins no new alert unless more came after somebody was told.

INSERT INTO hotline.alert AS known (cause, subject, day, since, count, newest)
SELECT
    found.cause,
    found.subject,
    (now() AT TIME ZONE 'Asia/Shanghai')::date,
    found.since,
    found.count,
    found.newest
FROM
    unnest(
        %(causes)s::text [], %(subjects)s::text [], %(since)s::timestamptz [], %(counts)s::bigint [],
        %(newest)s::timestamptz []
    ) AS found (cause, subject, since, count, newest)
WHERE
    NOT EXISTS (
        SELECT FROM hotline.alert AS earlier
        WHERE
            earlier.cause = found.cause
            AND earlier.subject = found.subject
            AND earlier.day < (now() AT TIME ZONE 'Asia/Shanghai')::date
            AND earlier.newest >= found.newest
            AND earlier.count >= found.count
            AND earlier.sent_at IS NOT null
    )
ORDER BY found.cause, found.subject
ON CONFLICT (cause, subject, day) DO UPDATE
    SET
        last_seen_at = now(),
        count = excluded.count,
        newest = CASE WHEN known.sent_at IS null THEN excluded.newest ELSE known.newest END
