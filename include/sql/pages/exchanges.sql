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
    l.message,
    l.elapsed_ms
FROM hotline.interaction_log AS l
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
-- How the calls of a time ended, and how long they took, by interface.

SELECT
    l.interface,
    count(*) AS calls,
    count(*) FILTER (WHERE l.outcome IN ('delivered', 'duplicate', 'served')) AS good,
    -- The median and what 95 of a hundred take at most, of one sort.
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY l.elapsed_ms) AS percentiles_ms
FROM hotline.interaction_log AS l
WHERE
    l.started_at >= %(since)s AND l.started_at < %(until)s
    AND (%(interfaces)s::text [] IS NULL OR l.interface = any(%(interfaces)s))
GROUP BY l.interface
ORDER BY l.interface;

-- name: over_time
-- How they ended hour by hour, or day by day, in Asia/Shanghai.

SELECT
    l.interface,
    date_trunc(%(unit)s, l.started_at AT TIME ZONE 'Asia/Shanghai') AS begins,
    count(*) AS calls,
    count(*) FILTER (WHERE l.outcome IN ('delivered', 'duplicate', 'served')) AS good
FROM hotline.interaction_log AS l
WHERE
    l.started_at >= %(since)s AND l.started_at < %(until)s
    AND (%(interfaces)s::text [] IS NULL OR l.interface = any(%(interfaces)s))
GROUP BY begins, l.interface;
