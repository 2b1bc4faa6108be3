-- What the monthly report shows (analytics/month_report.py), from the views that analysts read.

-- name: indicators
-- Of the whole city, for the month and the twelve before it.
SELECT
    month,
    indicator,
    indicator_name,
    unit_of_measure,
    numerator,
    denominator,
    value::float8 AS value,
    value_month_before::float8 AS value_month_before,
    value_year_before::float8 AS value_year_before,
    change_on_month::float8 AS change_on_month,
    change_on_year::float8 AS change_on_year
FROM analytics.indicator_month
WHERE
    unit_role = 'all'
    AND month BETWEEN %(month)s::date - interval '12 months' AND %(month)s::date
ORDER BY month, indicator;

-- name: units
-- Of the units that deal with the orders.
SELECT
    indicator,
    indicator_name,
    unit_of_measure,
    numerator,
    denominator,
    value::float8 AS value,
    coalesce(unit_name, '未给出') AS unit_name
FROM analytics.indicator_month
WHERE unit_role = 'handling' AND month = %(month)s::date
ORDER BY unit_name ASC, indicator ASC;

-- name: meanings
SELECT
    indicator,
    indicator_name,
    numerator_meaning,
    denominator_meaning,
    source
FROM analytics.indicator;

-- name: received
-- By kind and channel, for the month, the one before and that of the year before.
SELECT
    month,
    kind,
    kind_name,
    channel,
    channel_name,
    sum(order_count)::bigint AS order_count
FROM analytics.order_day
WHERE
    month IN (
        %(month)s::date,
        (%(month)s::date - interval '1 month')::date,
        (%(month)s::date - interval '12 months')::date
    )
GROUP BY month, kind, kind_name, channel, channel_name
ORDER BY month, kind, channel;

-- name: problem_classes
SELECT
    month,
    kind_name || ' ' || coalesce(problem_class_code || ' ' || problem_class_name, '未填写') AS name,
    problem_class_code IS NOT null AS is_named,
    sum(order_count)::bigint AS order_count
FROM analytics.order_day
WHERE
    kind <> 'consultation'
    AND month IN (
        %(month)s::date,
        (%(month)s::date - interval '1 month')::date,
        (%(month)s::date - interval '12 months')::date
    )
GROUP BY month, kind_name, problem_class_code, problem_class_name
ORDER BY month ASC, order_count DESC, name ASC;

-- name: goods_classes
SELECT
    month,
    coalesce(goods_class_code || ' ' || goods_class_name, '未填写') AS name,
    goods_class_code IS NOT null AS is_named,
    sum(order_count)::bigint AS order_count
FROM analytics.order_day
WHERE
    kind <> 'consultation'
    AND month IN (
        %(month)s::date,
        (%(month)s::date - interval '1 month')::date,
        (%(month)s::date - interval '12 months')::date
    )
GROUP BY month, goods_class_code, goods_class_name
ORDER BY month ASC, order_count DESC, name ASC;

-- name: companies
-- Those with repeated complaints.
SELECT
    company_name,
    company_credit_code,
    spelling_count,
    complaint_count,
    report_count
FROM analytics.company_month
WHERE month = %(month)s::date AND complaint_count >= %(smallest)s
ORDER BY complaint_count DESC, company_name ASC
LIMIT 20;

-- name: calls_by_hour
SELECT
    d.weekday,
    h.hour,
    sum(h.call_count)::bigint AS call_count
FROM analytics.call_hour AS h
INNER JOIN analytics.day AS d ON h.day = d.day
WHERE NOT h.is_outbound AND h.month = %(month)s::date
GROUP BY d.weekday, h.hour
ORDER BY d.weekday, h.hour;

-- name: satisfaction
SELECT
    sum(very_satisfied_count)::bigint AS very_satisfied_count,
    sum(fairly_satisfied_count)::bigint AS fairly_satisfied_count,
    sum(dissatisfied_count)::bigint AS dissatisfied_count,
    sum(rating_count - very_satisfied_count - fairly_satisfied_count - dissatisfied_count)::bigint AS other_count
FROM analytics.satisfaction_day
WHERE month = %(month)s::date
HAVING sum(rating_count) > 0;
