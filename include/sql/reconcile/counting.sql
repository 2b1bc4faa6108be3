-- name: window_bounds
-- How the platform reads the ends of a window, as it was found out.

SELECT
    bool_or(r.is_inclusive) FILTER (WHERE r.name = 'count_begin') AS is_begin_inclusive,
    bool_or(r.is_inclusive) FILTER (WHERE r.name = 'count_end') AS is_end_inclusive
FROM hotline.platform_reading AS r;

-- name: keep_window_bounds
INSERT INTO hotline.platform_reading (name, is_inclusive, found_at)
VALUES ('count_begin', %(is_begin)s, now()), ('count_end', %(is_end)s, now())
ON CONFLICT (name) DO UPDATE SET
    is_inclusive = excluded.is_inclusive,
    found_at = excluded.found_at;

-- name: known_seconds
-- Seconds in which orders were registered that the platform shows, and none in the seconds beside: by these it is found out
-- how the platform reads a window's ends. Whole minutes may be times without seconds.

SELECT extract(EPOCH FROM t.registime)::bigint AS moment
FROM {case_table} AS t
WHERE
    t.missing_since IS NULL
    AND t.registime >= '2000-01-01 00:00:00+08'
    AND t.registime < %(ends)s
    AND extract(SECOND FROM t.registime) NOT IN (0, 1, 59)
    AND NOT EXISTS (
        SELECT FROM {case_table} AS beside
        WHERE
            beside.registime >= t.registime - interval '1 second'
            AND beside.registime <= t.registime + interval '1 second'
            AND beside.registime <> t.registime
    )
GROUP BY t.registime
ORDER BY t.registime DESC
LIMIT 3;
