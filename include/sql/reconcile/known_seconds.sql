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
LIMIT 3
