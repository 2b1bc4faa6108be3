-- Partitions for this month and the three to come, and for those of the rows that found none.

SELECT hotline.make_month('interaction_log', m.month)
FROM (
    SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date AS month
    FROM generate_series(0, 3) AS n
    UNION
    SELECT date_trunc('month', l.started_at AT TIME ZONE 'Asia/Shanghai')::date AS month
    FROM hotline.interaction_log_default AS l
) AS m
ORDER BY m.month
