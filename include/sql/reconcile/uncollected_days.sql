-- Days that were never counted and of which nobody has asked for some window of cases yet: the first collection is under way. What
-- was asked for in vain is no excuse: such a day is counted.

SELECT DISTINCT days.day::date AS day
FROM hotline.collection_window AS w
CROSS JOIN
    LATERAL generate_series(
        date_trunc('day', w.begins AT TIME ZONE 'Asia/Shanghai'),
        (w.ends - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai',
        interval '1 day'
    ) AS days (day)
WHERE
    w.interface = any(%(interfaces)s::text [])
    AND w.state = 'open'
    AND w.visited_at IS NULL
    AND days.day < date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai')
    AND NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS r
        WHERE r.day = days.day::date AND r.platform_count IS NOT NULL
    )
