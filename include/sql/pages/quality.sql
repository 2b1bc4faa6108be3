-- name: latest
-- When it was checked last.

SELECT max(q.checked_at) AS checked_at FROM hotline.quality_result AS q;

-- name: days
-- What the last check of each day found.

SELECT
    last.day,
    count(*) FILTER (WHERE NOT q.passed AND q.severity = 'error') AS errors,
    count(*) FILTER (WHERE NOT q.passed AND q.severity = 'warning') AS warnings
FROM (
    SELECT
        d.day::date AS day,
        (
            SELECT max(c.checked_at) FROM hotline.quality_result AS c
            WHERE
                c.checked_at >= d.day AT TIME ZONE 'Asia/Shanghai'
                AND c.checked_at < (d.day + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
        ) AS checked_at
    FROM generate_series(%(since)s::timestamp, %(until)s::timestamp, interval '1 day') AS d (day)
) AS last
INNER JOIN hotline.quality_result AS q ON last.checked_at = q.checked_at
GROUP BY last.day
ORDER BY last.day;

-- name: rule
-- The last results of one rule, the newest first.

SELECT
    q.checked_at,
    q.passed,
    q.severity,
    q.failing_count,
    q.checked_count,
    q.failing_since,
    q.keys
FROM hotline.quality_result AS q
WHERE q.table_name = %(table)s AND q.rule = %(rule)s
ORDER BY q.checked_at DESC
LIMIT %(limit)s;
