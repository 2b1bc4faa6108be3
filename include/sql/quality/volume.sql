-- Rows of each whole hour of the window's last day against the same hour and weekday of the weeks before: a median and its
-- deviation, which one odd week (a holiday, an outage) does not move. Hours with too little history are not judged.

WITH slot AS (
    SELECT
        generate_series(
            -- The first whole hour in the window.
            date_trunc(
                'hour',
                greatest(%(window_begin)s::timestamptz, %(window_end)s::timestamptz - interval '1 day') + interval '59:59.999999'
            ),
            date_trunc('hour', %(window_end)s::timestamptz) - interval '1 hour',
            interval '1 hour'
        ) AS hour
),

week AS (
    SELECT
        slot.hour,
        ago.weeks,
        slot.hour - ago.weeks * interval '7 days' AS begins
    FROM slot CROSS JOIN generate_series(0, %(weeks)s::integer) AS ago (weeks)
),

counted AS (
    SELECT
        week.hour,
        week.weeks,
        (
            SELECT count(*)
            FROM {table} AS t
            WHERE t.{moment} >= week.begins AND t.{moment} < week.begins + interval '1 hour'
        ) AS row_count
    FROM week
    WHERE
        week.weeks = 0
        OR week.begins >= (
            SELECT min(t.{moment})
            FROM {table} AS t
            WHERE t.{moment} >= %(window_begin)s::timestamptz - %(weeks)s::integer * interval '7 days'
        )
),

usual AS (
    SELECT
        hour,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY row_count) AS row_count
    FROM counted
    WHERE weeks > 0
    GROUP BY hour
    HAVING count(*) >= %(least_weeks)s
),

bound AS (
    SELECT
        usual.hour,
        usual.row_count,
        -- 1.4826 deviations are one standard deviation of a normal spread. The others keep small and very regular hours
        -- quiet: chance alone moves a count by its square root.
        greatest(
            4 * 1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.row_count - usual.row_count)),
            4 * sqrt(usual.row_count),
            0.3 * usual.row_count,
            5
        ) AS tolerated
    FROM usual INNER JOIN counted AS past ON usual.hour = past.hour AND past.weeks > 0
    GROUP BY usual.hour, usual.row_count
)

SELECT
    to_char(bound.hour, 'YYYY-MM-DD HH24:00') AS key,
    abs(present.row_count - bound.row_count) > bound.tolerated AS failing
FROM bound INNER JOIN counted AS present ON bound.hour = present.hour AND present.weeks = 0
