-- What analysts read and does not hold changes that are older than the limit.

SELECT
    m.rollup AS subject,
    min(m.marked_at) AS since,
    count(*) AS count
FROM (
    SELECT
        'order_fact' AS rollup,
        marked_at
    FROM hotline.order_mark
    UNION ALL
    SELECT
        rollup,
        marked_at
    FROM hotline.rollup_mark
    UNION ALL
    SELECT
        'call_hour' AS rollup,
        marked_at
    FROM hotline.call_mark
) AS m
WHERE m.marked_at < now() - %(rollup_limit)s::interval
GROUP BY m.rollup
