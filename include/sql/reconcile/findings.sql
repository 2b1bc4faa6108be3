-- What does not agree as of the last checks, by kind and state, without the days whose difference somebody has accepted.

SELECT
    s.kind,
    s.state,
    count(*) AS days,
    min(s.day) AS first_day,
    max(s.day) AS last_day
FROM hotline.reconciliation_state AS s
WHERE
    s.state = 'unknown'
    OR (
        s.state <> 'agreed'
        AND EXISTS (
            SELECT FROM hotline.unaccepted AS u
            WHERE
                u.subject = s.kind
                AND u.unexplained IS NOT null
                AND u.begins = s.day::timestamp AT TIME ZONE 'Asia/Shanghai'
        )
    )
GROUP BY s.kind, s.state
ORDER BY s.kind, s.state
