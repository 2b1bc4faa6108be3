-- name: exchanges
-- Calls of the platform, and of 12345 on the gateway, newest first.

SELECT
    l.row_id,
    l.started_at,
    l.interface,
    l.key,
    l.attempt,
    l.outcome,
    l.http_status,
    l.code,
    l.message_scrubbed AS message,
    l.elapsed_ms
FROM hotline.shown_exchange AS l
WHERE
    l.started_at >= %(since)s AND l.started_at < %(until)s
    AND (%(interfaces)s::text [] IS NULL OR l.interface = any(%(interfaces)s))
    AND (%(outcome)s::text IS NULL OR l.outcome = %(outcome)s)
    AND (%(code)s::text IS NULL OR l.code = %(code)s)
    AND (%(key)s::text IS NULL OR l.key = %(key)s)
    AND (%(after_at)s::timestamptz IS NULL OR (l.started_at, l.row_id) < (%(after_at)s, %(after_id)s::bigint))
ORDER BY l.started_at DESC, l.row_id DESC
LIMIT %(limit)s;

-- name: rates
-- How the calls of a time ended and how long they took, by interface; and how they ended step by step. The log is read once and
-- counted to the millisecond: sorting all its times takes longer than reading them.

WITH counted AS MATERIALIZED (
    SELECT
        l.interface,
        l.elapsed_ms::integer AS elapsed_ms,
        date_bin(%(step)s::interval, l.started_at, '2000-01-01 00:00+08'::timestamptz) AS begins,
        count(*) AS calls,
        count(*) FILTER (WHERE l.outcome IN ('delivered', 'duplicate', 'served')) AS good
    FROM hotline.interaction_log AS l
    WHERE
        l.started_at >= %(since)s AND l.started_at < %(until)s
        AND (%(interfaces)s::text [] IS NULL OR l.interface = any(%(interfaces)s))
    GROUP BY l.interface, begins, l.elapsed_ms::integer
),

ranked AS (
    SELECT
        c.interface,
        c.elapsed_ms,
        sum(c.calls) AS calls,
        sum(c.good) AS good,
        sum(sum(c.calls)) OVER (PARTITION BY c.interface ORDER BY c.elapsed_ms) AS up_to_here,
        sum(sum(c.calls)) OVER (PARTITION BY c.interface) AS all_calls
    FROM counted AS c
    GROUP BY c.interface, c.elapsed_ms
)

SELECT
    r.interface,
    NULL::timestamp AS begins,
    sum(r.calls)::bigint AS calls,
    sum(r.good)::bigint AS good,
    min(r.elapsed_ms) FILTER (WHERE r.up_to_here >= 0.5 * r.all_calls) AS median_ms,
    min(r.elapsed_ms) FILTER (WHERE r.up_to_here >= 0.95 * r.all_calls) AS p95_ms
FROM ranked AS r
GROUP BY r.interface
UNION ALL
SELECT
    c.interface,
    c.begins AT TIME ZONE 'Asia/Shanghai' AS begins,
    sum(c.calls)::bigint AS calls,
    sum(c.good)::bigint AS good,
    NULL::integer AS median_ms,
    NULL::integer AS p95_ms
FROM counted AS c
GROUP BY c.interface, c.begins
ORDER BY interface, begins;
