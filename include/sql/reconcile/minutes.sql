-- Collected orders of a day by the minute of registration, counted from the day's begin.

SELECT
    floor(extract(EPOCH FROM t.registime - %(begins)s) / 60)::integer AS minute,
    count(DISTINCT t.regino) AS orders
FROM {case_table} AS t
WHERE
    t.registime >= %(begins)s
    AND t.registime < %(ends)s
    AND t.missing_since IS NULL
GROUP BY 1
