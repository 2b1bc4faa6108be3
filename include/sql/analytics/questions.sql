-- Questions of a hotline and its bureaus (analytics/questions.yaml), as an analyst asks them: views alone, no parameters.

-- name: waiting
SELECT
    d.weekday,
    h.hour,
    round(sum(h.waiting_seconds) / sum(h.known_waiting_count))::float8 AS waiting_seconds
FROM analytics.call_hour AS h
INNER JOIN analytics.day AS d ON h.day = d.day
WHERE NOT h.is_outbound
GROUP BY d.weekday, h.hour
HAVING sum(h.known_waiting_count) > 0
ORDER BY d.weekday, h.hour;

-- name: connection
SELECT
    indicator_name,
    rate::float8 AS rate,
    to_char(month, 'YYYY-MM') AS month
FROM analytics.indicator_month
WHERE unit_role = 'all' AND indicator IN ('connection', 'answered_within_15_seconds')
ORDER BY month, indicator;

-- name: received
SELECT
    kind_name,
    to_char(month, 'YYYY-MM') AS month,
    sum(order_count)::bigint AS order_count
FROM analytics.order_day
GROUP BY month, kind_name
ORDER BY month, kind_name;

-- name: reply_lag
SELECT
    unit_name,
    count(*) AS replied_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY reply_lag_working_days) AS median_working_days,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY reply_lag_working_days) AS slowest_tenth_working_days
FROM analytics.feedback
WHERE is_first AND reply_lag_working_days IS NOT null
GROUP BY unit_name
ORDER BY median_working_days DESC, unit_name ASC
LIMIT 15;

-- name: overdue
SELECT
    handling_unit_name AS unit_name,
    count(*) AS order_count,
    count(*) FILTER (WHERE NOT is_finished_in_time) AS finished_late_count,
    count(*) FILTER (WHERE is_overdue) AS still_overdue_count,
    count(*) FILTER (WHERE NOT is_finished_in_time OR is_overdue)::float8 / count(*) AS late_rate
FROM analytics.work_order
WHERE due_on IS NOT null AND handling_unit_name IS NOT null
GROUP BY handling_unit_name
ORDER BY late_rate DESC, unit_name ASC
LIMIT 15;

-- name: satisfaction
WITH rated AS (
    SELECT
        to_char(month, 'YYYY-MM') AS month,
        sum(very_satisfied_count + fairly_satisfied_count + dissatisfied_count)::bigint AS rating_count,
        sum(very_satisfied_count)::bigint AS very_satisfied_count,
        sum(very_satisfied_count + fairly_satisfied_count)::bigint AS satisfied_count
    FROM analytics.satisfaction_day
    GROUP BY month
)

SELECT
    month,
    rating_count,
    very_satisfied_count::float8 / rating_count AS very_satisfied_rate,
    satisfied_count::float8 / rating_count AS satisfied_rate
FROM rated
WHERE rating_count > 0
ORDER BY month;

-- name: growing_companies
WITH company AS (
    SELECT
        (array_agg(m.company_name ORDER BY m.month DESC))[1] AS company_name,
        max(m.spelling_count) AS spelling_count,
        sum(m.complaint_count) FILTER (WHERE m.month <= newest.month - interval '3 months') AS earlier_count,
        sum(m.complaint_count) FILTER (WHERE m.month > newest.month - interval '3 months') AS recent_count
    FROM analytics.company_month AS m
    CROSS JOIN (SELECT max(month) AS month FROM analytics.company_month) AS newest
    WHERE m.month > newest.month - interval '6 months'
    GROUP BY m.company_key
)

SELECT
    company_name,
    spelling_count,
    coalesce(earlier_count, 0)::bigint AS earlier_count,
    coalesce(recent_count, 0)::bigint AS recent_count
FROM company
ORDER BY coalesce(recent_count, 0) - coalesce(earlier_count, 0) DESC, company_name
LIMIT 10;

-- name: growing_problems
WITH newest AS (
    SELECT month FROM analytics.order_day
    ORDER BY day DESC
    LIMIT 1
),

problem AS (
    SELECT
        o.kind_name,
        o.problem_class_code,
        o.problem_class_name,
        sum(o.order_count) FILTER (WHERE o.month <= newest.month - interval '3 months') AS earlier_count,
        sum(o.order_count) FILTER (WHERE o.month > newest.month - interval '3 months') AS recent_count
    FROM analytics.order_day AS o
    CROSS JOIN newest
    WHERE o.day >= (SELECT n.month - interval '5 months' FROM newest AS n) AND o.problem_class_code IS NOT null
    GROUP BY o.kind_name, o.problem_class_code, o.problem_class_name
)

SELECT
    kind_name,
    problem_class_code,
    problem_class_name,
    coalesce(earlier_count, 0)::bigint AS earlier_count,
    coalesce(recent_count, 0)::bigint AS recent_count
FROM problem
ORDER BY coalesce(recent_count, 0) - coalesce(earlier_count, 0) DESC, kind_name, problem_class_code ASC
LIMIT 10;

-- name: urges
SELECT
    to_char(month, 'YYYY-MM') AS month,
    sum(order_count)::bigint AS order_count,
    sum(urge_count)::bigint AS urge_count,
    sum(urged_count)::float8 / sum(order_count) AS urged_rate,
    sum(extended_count)::float8 / sum(order_count) AS extended_rate
FROM analytics.order_day
WHERE kind <> 'consultation'
GROUP BY month
HAVING sum(order_count) > 0
ORDER BY month;

-- name: seats
WITH newest AS (
    SELECT day FROM analytics.call_hour
    ORDER BY day DESC
    LIMIT 1
),

load AS (
    SELECT
        h.hour,
        sum(h.queued_count) AS queued_count,
        sum(h.talking_seconds) AS talking_seconds,
        count(DISTINCT h.day) AS day_count
    FROM analytics.call_hour AS h
    INNER JOIN analytics.day AS d ON h.day = d.day
    WHERE d.is_working_day AND h.day > (SELECT n.day - 90 FROM newest AS n)
    GROUP BY h.hour
),

staff AS (
    SELECT
        s.hour,
        sum(s.signed_in_seconds) AS signed_in_seconds
    FROM analytics.seat_hour AS s
    INNER JOIN analytics.day AS d ON s.day = d.day
    WHERE d.is_working_day AND s.day > (SELECT n.day - 90 FROM newest AS n)
    GROUP BY s.hour
),

span AS (SELECT max(day_count) AS day_count FROM load)

SELECT
    load.hour,
    (load.queued_count / span.day_count)::float8 AS calls_an_hour,
    (staff.signed_in_seconds / 3600.0 / span.day_count)::float8 AS seats,
    load.talking_seconds::float8 / nullif(staff.signed_in_seconds, 0) AS utilisation_rate
FROM load
INNER JOIN staff ON load.hour = staff.hour
CROSS JOIN span
ORDER BY load.hour;

-- name: repeat_callers
WITH newest AS (
    SELECT day FROM analytics.call_hour
    ORDER BY day DESC
    LIMIT 1
),

caller AS (
    SELECT
        c.person_key,
        count(*) AS call_count
    FROM analytics.call AS c
    WHERE
        -- Both ends: the day alone then leads to the calls, of many years too.
        c.day BETWEEN (SELECT n.day - 29 FROM newest AS n) AND (SELECT n.day FROM newest AS n)
        AND NOT c.is_outbound AND c.person_key IS NOT null
    GROUP BY c.person_key
)

SELECT
    CASE WHEN call_count < 6 THEN call_count || ' 次' ELSE '6 次及以上' END AS times,
    count(*) AS person_count,
    sum(call_count)::bigint AS call_count
FROM caller
GROUP BY CASE WHEN call_count < 6 THEN call_count || ' 次' ELSE '6 次及以上' END
ORDER BY times;

-- name: feedback
SELECT
    unit_name,
    count(*) AS feedback_count,
    count(*) FILTER (WHERE has_result)::float8 / count(*) AS with_result_rate,
    count(*) FILTER (WHERE has_agent AND has_agent_phone)::float8 / count(*) AS with_contact_rate,
    count(*) FILTER (WHERE is_complete)::float8 / count(*) AS complete_rate
FROM analytics.feedback
WHERE is_current AND unit_name IS NOT null
GROUP BY unit_name
ORDER BY complete_rate, unit_name
LIMIT 15;

-- name: reconciliation
SELECT
    to_char(month, 'YYYY-MM') AS month,
    count(*) FILTER (WHERE is_agreed AND check_count = 1) AS agreed_at_once_count,
    count(*) FILTER (WHERE is_agreed AND check_count > 1) AS agreed_later_count,
    count(*) FILTER (WHERE NOT is_agreed) AS not_agreed_count
FROM analytics.reconciliation_day
GROUP BY month
ORDER BY month;

-- name: calls_by_hour
WITH newest AS (
    SELECT day FROM analytics.call_hour
    ORDER BY day DESC
    LIMIT 1
),

called AS (
    SELECT
        day,
        hour,
        sum(call_count) AS call_count
    FROM analytics.call_hour
    WHERE NOT is_outbound AND day > (SELECT n.day - 84 FROM newest AS n)
    GROUP BY day, hour
)

SELECT
    d.day,
    d.weekday,
    d.is_working_day,
    hours.hour,
    CASE WHEN d.day <= newest.day THEN coalesce(called.call_count, 0)::bigint END AS call_count
FROM analytics.day AS d
CROSS JOIN newest
CROSS JOIN generate_series(0, 23) AS hours (hour)
LEFT JOIN called ON d.day = called.day AND hours.hour = called.hour
WHERE d.day > newest.day - 84 AND d.day <= newest.day + 7
ORDER BY d.day, hours.hour;

-- name: calls_by_day
SELECT
    d.day,
    d.weekday,
    d.is_working_day,
    d.holiday_name,
    sum(h.call_count)::bigint AS call_count
FROM analytics.call_hour AS h
INNER JOIN analytics.day AS d ON h.day = d.day
WHERE NOT h.is_outbound
GROUP BY d.day, d.weekday, d.is_working_day, d.holiday_name
ORDER BY d.day;
