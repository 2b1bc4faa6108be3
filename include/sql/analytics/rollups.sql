-- name: merge_marks
-- Each row of an order left a mark. Of a backlog, where they lie far apart, the first alone stays: an order is computed once.

DELETE FROM hotline.order_mark AS m
WHERE
    EXISTS (
        SELECT FROM hotline.order_mark AS earlier
        WHERE earlier.regino = m.regino AND earlier.row_id < m.row_id
    );

-- name: take_orders
-- Orders that changed, in the order of their changes; an empty number says that a rule did. A mark that commits from now on is
-- taken the next time.

WITH taken AS (
    DELETE FROM hotline.order_mark AS m
    WHERE
        m.row_id = any(array(
            SELECT n.row_id FROM hotline.order_mark AS n
            ORDER BY n.row_id
            LIMIT %(most)s
        ))
    RETURNING m.regino
)

SELECT DISTINCT taken.regino FROM taken;

-- name: begin_walk
UPDATE hotline.order_walk SET reached = '';

-- name: take_walk
-- The next orders of those that a change of a rule asked for; none once all are done.

SELECT f.regino
FROM hotline.order_walk AS w
CROSS JOIN
    LATERAL (
        SELECT DISTINCT known.regino FROM hotline.order_fact AS known
        WHERE known.regino > w.reached
        ORDER BY known.regino
        LIMIT %(most)s
    ) AS f
WHERE w.reached IS NOT NULL
ORDER BY f.regino;

-- name: walked
UPDATE hotline.order_walk SET reached = %(reached)s
WHERE reached IS NOT NULL;

-- name: compute_orders
CREATE TEMPORARY TABLE computed AS
SELECT f.* FROM hotline.order_facts(%(reginos)s::text []) AS f; -- noqa: AM04

-- name: drop_orders
-- Only what differs is written, and only days in which something differs are marked.

DELETE FROM hotline.order_fact AS f
WHERE
    f.regino = any(%(reginos)s::text [])
    AND NOT EXISTS (
        SELECT FROM computed AS c
        WHERE c.regino = f.regino AND c.kind = f.kind AND row(c.*) IS NOT DISTINCT FROM row(f.*)
    )
RETURNING f.day, f.record_name;

-- name: add_orders
INSERT INTO hotline.order_fact
SELECT c.* FROM computed AS c -- noqa: AM04
WHERE
    NOT EXISTS (
        SELECT FROM hotline.order_fact AS f
        WHERE f.regino = c.regino AND f.kind = c.kind
    )
RETURNING day, record_name;

-- name: forget_computed
DROP TABLE computed;

-- name: compute_feedback
-- Of orders whose facts stand; the kind of what no interface of a kind gives is that of its order.

CREATE TEMPORARY TABLE computed AS
SELECT
    b.feedback_id,
    b.regino,
    o.kind,
    b.source,
    b.fed_back_at,
    b.is_time_given,
    b.unit_name,
    o.registered_at,
    lag.seconds AS reply_lag_seconds,
    lag.working_days AS reply_lag_working_days,
    b.accept_type_code,
    b.has_result,
    b.has_unit,
    b.has_agent,
    b.has_agent_phone,
    b.is_current,
    row_number() OVER (PARTITION BY b.regino ORDER BY b.fed_back_at, b.feedback_id) = 1 AS is_first,
    hotline.mask_name(b.agent) AS agent_name_masked
FROM hotline.feedback AS b
CROSS JOIN
    LATERAL (
        SELECT
            coalesce(b.kind, min(f.kind)) AS kind,
            min(f.registered_at) FILTER (WHERE f.kind = coalesce(b.kind, f.kind)) AS registered_at
        FROM hotline.order_fact AS f
        WHERE f.regino = b.regino
    ) AS o
CROSS JOIN LATERAL hotline.span(o.registered_at, b.fed_back_at) AS lag
WHERE b.regino = any(%(reginos)s::text []);

-- name: drop_feedback
DELETE FROM hotline.feedback_fact AS f
WHERE
    f.regino = any(%(reginos)s::text [])
    AND NOT EXISTS (
        SELECT FROM computed AS c
        WHERE c.feedback_id = f.feedback_id AND row(c.*) IS NOT DISTINCT FROM row(f.*)
    );

-- name: add_feedback
INSERT INTO hotline.feedback_fact
SELECT c.* FROM computed AS c -- noqa: AM04
WHERE
    NOT EXISTS (
        SELECT FROM hotline.feedback_fact AS f
        WHERE f.feedback_id = c.feedback_id
    );

-- name: mark_order_days
INSERT INTO hotline.rollup_mark (rollup, day)
SELECT
    'order_day',
    d.day
FROM unnest(%(days)s::date []) AS d (day);

-- name: mark_rated_days
-- Whose seat a rating is of follows from the order that names the recording of its call.

INSERT INTO hotline.rollup_mark (rollup, day)
SELECT DISTINCT
    'satisfaction_day',
    (s.opttime AT TIME ZONE 'Asia/Shanghai')::date
FROM hotline.recording_log AS r
INNER JOIN hotline.satisfaction_log AS s ON r.callid = s.callid
WHERE r.recordname = any(%(record_names)s::text []) AND isfinite(s.opttime);

-- name: take_calls
-- Calls whose recordings changed: their day is computed again, and that of their rating. OFFSET 0 keeps each a look-up by index,
-- however large the tables are.

WITH taken AS (
    DELETE FROM hotline.call_mark AS m
    WHERE m.ctid IN (SELECT n.ctid FROM hotline.call_mark AS n LIMIT %(most)s) -- noqa: AM09
    RETURNING m.callid
),

marked AS (
    INSERT INTO hotline.rollup_mark (rollup, day)
    SELECT
        'call_hour',
        (c.calltime AT TIME ZONE 'Asia/Shanghai')::date
    FROM taken
    CROSS JOIN
        LATERAL (
            SELECT known.calltime FROM hotline.call_log AS known
            WHERE known.callid = taken.callid
            LIMIT ALL OFFSET 0 -- noqa: AM09
        ) AS c
    WHERE isfinite(c.calltime)
    UNION
    SELECT
        'satisfaction_day',
        (s.opttime AT TIME ZONE 'Asia/Shanghai')::date
    FROM taken
    CROSS JOIN
        LATERAL (
            SELECT known.opttime FROM hotline.satisfaction_log AS known
            WHERE known.callid = taken.callid
            LIMIT ALL OFFSET 0 -- noqa: AM09
        ) AS s
    WHERE isfinite(s.opttime)
)

SELECT count(*) FROM taken;

-- name: take_days
-- The newest days first: they are what is looked at.

WITH next AS (
    SELECT DISTINCT m.day FROM hotline.rollup_mark AS m
    WHERE m.rollup = %(rollup)s
    ORDER BY m.day DESC
    LIMIT %(most)s
),

taken AS (
    DELETE FROM hotline.rollup_mark AS m
    USING next
    WHERE m.rollup = %(rollup)s AND m.day = next.day
    RETURNING m.day
)

SELECT DISTINCT taken.day FROM taken;

-- name: mark_months
INSERT INTO hotline.rollup_mark (rollup, day)
SELECT DISTINCT
    'indicator_month',
    date_trunc('month', d.day)::date
FROM unnest(%(days)s::date []) AS d (day);

-- name: forget_call_hour
DELETE FROM hotline.call_hour
WHERE day = any(%(days)s::date []);

-- name: compute_call_hour
INSERT INTO hotline.call_hour
SELECT
    c.day,
    c.hour,
    c.area_code,
    c.is_outbound,
    count(*) AS call_count,
    count(*) FILTER (WHERE c.is_queued) AS queued_count,
    count(*) FILTER (WHERE c.is_answered) AS answered_count,
    count(*) FILTER (WHERE c.is_given_up) AS given_up_count,
    count(*) FILTER (WHERE c.is_answered_within_15_seconds) AS answered_within_15_seconds_count,
    count(c.waiting_seconds) AS known_waiting_count,
    coalesce(sum(c.waiting_seconds), 0) AS waiting_seconds,
    count(c.ringing_seconds) AS known_ringing_count,
    coalesce(sum(c.ringing_seconds), 0) AS ringing_seconds,
    count(c.talking_seconds) AS recorded_count,
    coalesce(sum(c.talking_seconds), 0) AS talking_seconds,
    count(*) FILTER (WHERE NOT c.is_time_ordered) AS unordered_count
FROM (
    SELECT
        known.day,
        known.hour,
        known.area_code,
        known.is_outbound,
        known.is_queued,
        known.is_answered,
        known.is_given_up,
        known.is_answered_within_15_seconds,
        known.waiting_seconds,
        known.ringing_seconds,
        known.talking_seconds,
        known.is_time_ordered
    FROM analytics.call AS known
    WHERE known.day = any(%(days)s::date [])
    LIMIT ALL OFFSET 0 -- noqa: AM09
) AS c
GROUP BY c.day, c.hour, c.area_code, c.is_outbound;

-- name: forget_seat_hour
DELETE FROM hotline.seat_hour
WHERE day = any(%(days)s::date []);

-- name: compute_seat_hour
-- What two log-ins of a seat share counts once.

INSERT INTO hotline.seat_hour (day, hour, seat_code, area_code, signed_in_seconds)
SELECT
    s.day,
    s.hour,
    s.seatno,
    s.area_code,
    (
        SELECT sum(extract(EPOCH FROM upper(r.part) - lower(r.part)))
        FROM unnest(s.signed_in) AS r (part)
    ) AS signed_in_seconds
FROM (
    SELECT
        l.seatno,
        (h.began AT TIME ZONE 'Asia/Shanghai')::date AS day,
        extract(HOUR FROM h.began AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
        max(l.sourcearea) AS area_code,
        range_agg(tstzrange(greatest(l.begintime, h.began), least(l.endtime, h.began + interval '1 hour'))) AS signed_in
    FROM (
        SELECT
            (min(d.day) - 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
            (max(d.day) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS ends
        FROM unnest(%(days)s::date []) AS d (day)
    ) AS about
    INNER JOIN hotline.seat_login AS l ON about.begins <= l.begintime AND about.ends > l.begintime
    CROSS JOIN
        LATERAL generate_series(
            date_trunc('hour', l.begintime AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai',
            l.endtime - interval '1 microsecond',
            interval '1 hour'
        ) AS h (began)
    WHERE l.is_usable AND (h.began AT TIME ZONE 'Asia/Shanghai')::date = any(%(days)s::date [])
    GROUP BY l.seatno, h.began
) AS s;

-- name: forget_satisfaction_day
DELETE FROM hotline.satisfaction_day
WHERE day = any(%(days)s::date []);

-- name: compute_satisfaction_day
INSERT INTO hotline.satisfaction_day
SELECT
    s.day,
    s.area_code,
    s.seat_code,
    count(*) AS rating_count,
    count(*) FILTER (WHERE s.satisfaction_code = '1') AS very_satisfied_count,
    count(*) FILTER (WHERE s.satisfaction_code = '2') AS fairly_satisfied_count,
    count(*) FILTER (WHERE s.satisfaction_code = '3') AS dissatisfied_count
FROM analytics.satisfaction AS s
WHERE s.day = any(%(days)s::date [])
GROUP BY s.day, s.area_code, s.seat_code;

-- name: forget_order_day
DELETE FROM hotline.order_day
WHERE day = any(%(days)s::date []);

-- name: compute_order_day
INSERT INTO hotline.order_day
SELECT
    o.day,
    o.kind,
    o.channel,
    o.unit_code,
    o.handling_unit_name,
    o.problem_class_code,
    o.goods_class_code,
    count(*) AS order_count,
    count(o.reported_at) AS reported_count,
    count(o.accepted_at) AS accepted_count,
    count(o.refused_at) AS refused_count,
    count(o.filed_at) AS filed_count,
    count(o.finished_at) AS finished_count,
    count(*) FILTER (WHERE o.is_returned) AS returned_count,
    count(o.first_checked_at) AS first_checked_count,
    count(*) FILTER (WHERE o.is_first_checked_in_time) AS first_checked_in_time_count,
    count(o.is_first_checked_in_time) AS known_first_check_count,
    count(*) FILTER (WHERE o.is_accepted_in_time) AS accepted_in_time_count,
    count(o.is_accepted_in_time) AS known_acceptance_count,
    count(*) FILTER (WHERE o.is_filed_in_time) AS filed_in_time_count,
    count(o.is_filed_in_time) AS known_filing_count,
    count(*) FILTER (WHERE o.is_finished_in_time) AS finished_in_time_count,
    count(o.is_finished_in_time) AS known_finishing_count,
    coalesce(sum(o.finishing_seconds), 0) AS finishing_seconds,
    count(o.finishing_seconds) AS timed_finished_count,
    coalesce(sum(o.finishing_working_days), 0) AS finishing_working_days,
    count(o.finishing_working_days) AS dated_finished_count,
    sum(o.urge_count) AS urge_count,
    count(*) FILTER (WHERE o.urge_count > 0) AS urged_count,
    sum(o.extension_count) AS extension_count,
    count(*) FILTER (WHERE o.extension_count > 0) AS extended_count,
    coalesce(sum(o.consumption_amount), 0) AS consumption_amount,
    count(o.consumption_amount) AS amount_count
FROM hotline.order_fact AS o
WHERE o.day = any(%(days)s::date [])
GROUP BY
    o.day, o.kind, o.channel, o.unit_code, o.handling_unit_name, o.problem_class_code, o.goods_class_code;

-- name: forget_company_month
DELETE FROM hotline.company_month
WHERE month = any(%(days)s::date []);

-- name: compute_company_month
INSERT INTO hotline.company_month (
    month, company_key, company_name, company_credit_code, spelling_count, complaint_count, report_count
)
SELECT
    m.month,
    f.company_key,
    coalesce(mode() WITHIN GROUP (ORDER BY f.company_name), f.company_key) AS company_name,
    max(f.company_credit_code) AS company_credit_code,
    count(DISTINCT f.company_name) AS spelling_count,
    count(*) FILTER (WHERE f.kind = 'complaint') AS complaint_count,
    count(*) FILTER (WHERE f.kind = 'report') AS report_count
FROM unnest(%(days)s::date []) AS m (month)
INNER JOIN hotline.order_fact AS f ON m.month <= f.day AND (m.month + interval '1 month')::date > f.day
WHERE f.company_key IS NOT NULL
GROUP BY m.month, f.company_key;

-- name: forget_indicator_month
DELETE FROM hotline.indicator_value
WHERE month = any(%(days)s::date []);

-- name: compute_indicator_month
WITH wanted AS (
    SELECT
        m.month,
        (m.month + interval '1 month')::date AS next_month
    FROM unnest(%(days)s::date []) AS m (month)
),

by_unit AS (
    SELECT
        w.month,
        u.unit_role,
        u.unit_code,
        count(*) AS received,
        count(*) FILTER (WHERE f.kind = 'complaint') AS complaints,
        count(*) FILTER (WHERE f.kind = 'report') AS reports,
        count(*) FILTER (WHERE f.kind = 'consultation') AS consultations,
        count(*) FILTER (WHERE f.channel = 'telephone') AS by_telephone,
        count(*) FILTER (WHERE f.channel = 'network') AS by_network,
        count(*) FILTER (WHERE f.is_returned) AS returned,
        count(f.accepted_at) AS accepted,
        count(f.refused_at) AS refused,
        count(*) FILTER (WHERE f.is_accepted_in_time) AS accepted_in_time,
        count(f.is_accepted_in_time) AS known_acceptance,
        count(*) FILTER (WHERE f.is_first_checked_in_time) AS first_checked_in_time,
        count(f.is_first_checked_in_time) AS known_first_check,
        count(f.filed_at) AS filed,
        count(*) FILTER (WHERE f.is_filed_in_time) AS filed_in_time,
        count(f.is_filed_in_time) AS known_filing,
        count(f.finished_at) AS finished,
        count(*) FILTER (WHERE f.is_finished_in_time) AS finished_in_time,
        count(f.is_finished_in_time) AS known_finishing,
        coalesce(sum(f.finishing_working_days), 0) AS finishing_working_days,
        count(f.finishing_working_days) AS dated_finished,
        count(*) FILTER (WHERE f.urge_count > 0) AS urged,
        count(*) FILTER (WHERE f.extension_count > 0) AS extended,
        coalesce(sum(f.consumption_amount), 0) AS consumption_amount,
        count(f.consumption_amount) AS with_amount,
        count(r.company_key) AS repeated_complaints,
        count(f.company_key) FILTER (WHERE f.kind = 'complaint') AS known_companies
    FROM wanted AS w
    INNER JOIN hotline.order_fact AS f ON w.month <= f.day AND w.next_month > f.day
    LEFT JOIN hotline.company_month AS r
        ON w.month = r.month AND f.company_key = r.company_key AND f.kind = 'complaint' AND r.complaint_count > 1
    CROSS JOIN
        LATERAL (
            VALUES
            ('all', ''),
            ('registering', coalesce(f.unit_code, '')),
            ('handling', coalesce(f.handling_unit_name, ''))
        ) AS u (unit_role, unit_code)
    GROUP BY w.month, u.unit_role, u.unit_code
),

telephony AS (
    SELECT
        w.month,
        sum(c.call_count) AS calls,
        sum(c.queued_count) AS queued,
        sum(c.answered_count) AS answered,
        sum(c.given_up_count) AS given_up,
        sum(c.answered_within_15_seconds_count) AS within_15,
        sum(c.known_waiting_count) AS known_waiting,
        sum(c.waiting_seconds) AS waiting_seconds,
        sum(c.recorded_count) AS recorded,
        sum(c.talking_seconds) AS talking_seconds
    FROM wanted AS w
    INNER JOIN hotline.call_hour AS c ON w.month <= c.day AND w.next_month > c.day AND NOT c.is_outbound
    GROUP BY w.month
),

rated AS (
    SELECT
        w.month,
        sum(s.very_satisfied_count + s.fairly_satisfied_count) AS satisfied,
        sum(s.very_satisfied_count + s.fairly_satisfied_count + s.dissatisfied_count) AS known
    FROM wanted AS w
    INNER JOIN hotline.satisfaction_day AS s ON w.month <= s.day AND w.next_month > s.day
    GROUP BY w.month
)

INSERT INTO hotline.indicator_value (month, unit_role, unit_code, indicator, numerator, denominator)
SELECT
    b.month,
    b.unit_role,
    b.unit_code,
    i.indicator,
    i.numerator,
    i.denominator
FROM by_unit AS b
CROSS JOIN
    LATERAL (
        VALUES
        ('received', b.received, NULL::numeric),
        ('received_complaint', b.complaints, b.received),
        ('received_report', b.reports, b.received),
        ('received_consultation', b.consultations, b.received),
        ('received_telephone', b.by_telephone, b.received),
        ('received_network', b.by_network, b.received),
        ('returned', b.returned, b.received),
        ('accepted', b.accepted, b.complaints + b.reports),
        ('refused', b.refused, b.complaints + b.reports),
        ('accepted_in_time', b.accepted_in_time, b.known_acceptance),
        ('first_check_in_time', b.first_checked_in_time, b.known_first_check),
        ('filed', b.filed, b.reports),
        ('filed_in_time', b.filed_in_time, b.known_filing),
        ('finished', b.finished, b.received),
        ('finished_in_time', b.finished_in_time, b.known_finishing),
        ('finishing_time', b.finishing_working_days, b.dated_finished),
        ('urged', b.urged, b.received),
        ('extended', b.extended, b.received),
        ('consumption_amount', b.consumption_amount, b.with_amount),
        ('repeated_complaints', b.repeated_complaints, b.known_companies)
    ) AS i (indicator, numerator, denominator)
UNION ALL
SELECT
    t.month,
    'all' AS unit_role,
    '' AS unit_code,
    i.indicator,
    i.numerator,
    i.denominator
FROM telephony AS t
CROSS JOIN
    LATERAL (
        VALUES
        ('calls', t.calls, NULL::numeric),
        ('queued_calls', t.queued, t.calls),
        ('connection', t.answered, t.queued),
        ('connection_with_menu', t.answered, t.calls),
        ('answered_within_15_seconds', t.within_15, t.given_up + t.known_waiting),
        ('waiting', t.waiting_seconds, t.known_waiting),
        ('talking', t.talking_seconds, t.recorded),
        ('given_up', t.given_up, t.queued)
    ) AS i (indicator, numerator, denominator)
UNION ALL
SELECT
    r.month,
    'all' AS unit_role,
    '' AS unit_code,
    'call_satisfaction' AS indicator,
    r.satisfied AS numerator,
    r.known AS denominator
FROM rated AS r;

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('hotline.rollups', 0));

-- name: waiting
SELECT
    w.rollup,
    count(*) AS marks
FROM (
    SELECT 'order_fact' AS rollup FROM hotline.order_mark
    UNION ALL
    SELECT m.rollup FROM hotline.rollup_mark AS m
    UNION ALL
    SELECT 'call_mark' AS rollup FROM hotline.call_mark
) AS w
GROUP BY w.rollup;
