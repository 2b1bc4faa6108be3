-- Silence since the newest row, against what came in the same stretch of the weeks before: where twenty rows and more are
-- usual, none is no chance, not even on a holiday. By the median, so that outages among those weeks do not hide the next.
-- Not judged with too little history.

WITH newest AS (
    SELECT max(t.{moment}) AS at
    FROM {table} AS t
    WHERE t.{moment} < %(window_end)s
),

week AS (
    SELECT
        (
            SELECT count(*)
            FROM {table} AS t
            WHERE
                t.{moment} > newest.at - ago.weeks * interval '7 days'
                AND t.{moment} < %(window_end)s::timestamptz - ago.weeks * interval '7 days'
        ) AS row_count
    FROM newest CROSS JOIN generate_series(1, %(weeks)s::integer) AS ago (weeks)
    WHERE newest.at - ago.weeks * interval '7 days' >= (SELECT min(t.{moment}) FROM {table} AS t)
),

usual AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY row_count) AS row_count
    FROM week
    HAVING count(*) >= %(least_weeks)s
)

SELECT
    to_char(newest.at, 'YYYY-MM-DD HH24:MI:SS') AS key,
    %(window_end)s::timestamptz - newest.at > interval '1 hour' AND usual.row_count >= 20 AS failing
FROM newest CROSS JOIN usual
