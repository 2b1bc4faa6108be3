-- name: columns
-- Columns of a typed table against the contract: there, and of the type that the contract asks for. A table that does not
-- exist gives no row. Great Expectations cannot do this: to it timestamp and timestamptz are one type.

SELECT
    wanted.name AS key,
    coalesce(found.atttypid <> to_regtype(wanted.type), TRUE) AS failing
FROM jsonb_to_recordset(%(wanted)s::jsonb) AS wanted (name text, type text)
LEFT JOIN pg_attribute AS found
    ON found.attrelid = to_regclass(%(table_name)s) AND wanted.name = found.attname AND NOT found.attisdropped
WHERE to_regclass(%(table_name)s) IS NOT NULL;

-- name: parent
-- Rows whose parent never arrived: neither in the parent's table nor as a version in any state, quarantined ones included.
-- A parent may arrive later than its child, so rows of the last minutes are not judged.

SELECT
    child.{key_column} AS key,
    NOT EXISTS (
        SELECT 1 FROM {parent} AS p
        WHERE p.{parent_key} = child.{field}
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.delivery AS d
        WHERE d.interface = {parent_interface} AND d.key = child.{field}
    ) AS failing
FROM {table} AS child
WHERE
    child.written_at >= %(window_begin)s
    AND child.written_at < %(window_end)s::timestamptz - %(grace)s::interval
    AND child.{field} IS NOT NULL;

-- name: order_known
-- Rows whose order was never collected, neither into a case table nor into quarantine. An order may be collected later than
-- what belongs to it, so rows of the last minutes are not judged.

SELECT
    child.{key_column} AS key,
    NOT EXISTS (
        SELECT 1 FROM hotline.registered_order AS o
        WHERE o.regino = child.{key_column}
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.quarantined_answer AS q
        WHERE q.key = child.{key_column}
    ) AS failing
FROM {table} AS child
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s::timestamptz - %(grace)s::interval
    AND child.{key_column} IS NOT NULL;

-- name: before_registration
-- What happened to an order before it was registered.

SELECT
    child.{key_column} AS key,
    child.{happens} < {earliest} AS failing
FROM {table} AS child INNER JOIN hotline.registered_order AS o ON child.{key_column} = o.regino
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s
    AND child.{happens} IS NOT NULL
    AND o.registime IS NOT NULL;

-- name: reply_lag
-- Replies later than any that is known: the longest measured took 1,160 days.

SELECT
    child.{key_column} AS key,
    child.{happens} > o.registime + interval '1500 days' AS failing
FROM {table} AS child INNER JOIN hotline.registered_order AS o ON child.{key_column} = o.regino
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s
    AND child.{happens} IS NOT NULL
    AND o.registime IS NOT NULL;

-- name: seats_signed_in
-- Calls that a seat served while, by the seat logs, nobody was signed in. 12345 may write a login only when the seat signs
-- out, so calls of the last day are not judged; a seat that never signed out counts for as long.

WITH shift AS (
    SELECT
        range_agg(
            tstzrange(
                s.{begin_column},
                greatest(s.{begin_column}, coalesce(s.{end_column}, s.{begin_column} + %(shift)s::interval)),
                '[]'
            )
        ) AS on_duty
    FROM {seats} AS s
    WHERE s.{begin_column} >= %(window_begin)s::timestamptz - %(shift)s::interval
)

SELECT
    c.{key_column} AS key,
    NOT coalesce(c.{field} <@ shift.on_duty, FALSE) AS failing
FROM {table} AS c CROSS JOIN shift
WHERE
    c.written_at >= %(window_begin)s
    AND c.written_at < %(window_end)s
    AND c.{field} >= %(window_begin)s
    AND c.{field} < %(window_end)s::timestamptz - %(shift)s::interval;

-- name: volume
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
FROM bound INNER JOIN counted AS present ON bound.hour = present.hour AND present.weeks = 0;

-- name: freshness
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
FROM newest CROSS JOIN usual;
