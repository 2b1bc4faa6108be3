-- Collected orders by day of registration: those that the platform still shows, and those that vanished from its answers.
-- A registration that cannot be read is that of the window which brought it, where that is no longer than a day and its margins.

SELECT
    c.day,
    count(*) FILTER (WHERE c.is_shown) AS shown,
    count(*) FILTER (WHERE NOT c.is_shown) AS withdrawn
FROM (
    SELECT
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        t.regino,
        bool_or(t.missing_since IS NULL) AS is_shown
    FROM {case_table} AS t
    WHERE t.registime >= %(begins)s AND t.registime < %(ends)s
    GROUP BY 1, 2
    UNION ALL
    SELECT
        ((t.window_begin + (t.window_end - t.window_begin) / 2) AT TIME ZONE 'Asia/Shanghai')::date AS day,
        t.regino,
        bool_or(t.missing_since IS NULL) AS is_shown
    FROM {case_table} AS t
    WHERE
        t.registime IS NULL
        AND t.window_end - t.window_begin < interval '1 day 2 minutes'
        AND t.window_begin + (t.window_end - t.window_begin) / 2 >= %(begins)s
        AND t.window_begin + (t.window_end - t.window_begin) / 2 < %(ends)s
    GROUP BY 1, 2
) AS c
GROUP BY 1
