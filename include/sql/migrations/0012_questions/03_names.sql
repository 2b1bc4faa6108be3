-- Names beside codes, and months, cost nothing where a question does not ask for them.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

-- What a code meant over time, in one row: the planner sees that it doubles no row, and leaves out the join where the name is not
-- asked for. The name of a day is names[width_bucket(day, since)].
CREATE VIEW hotline.code_history AS
SELECT
    p.category || ' ' || p.code AS category_code,
    array_agg(p.begins ORDER BY p.begins) AS since,
    array_agg(p.name ORDER BY p.begins) AS names
FROM (
    SELECT
        m.category,
        m.code,
        m.begins,
        m.name
    FROM hotline.code_meaning AS m
    UNION ALL
    -- After its end it means nothing, until another meaning begins.
    SELECT
        m.category,
        m.code,
        m.ends + 1,
        null
    FROM hotline.code_meaning AS m
    WHERE
        isfinite(m.ends)
        AND NOT EXISTS (
            SELECT FROM hotline.code_period AS n
            WHERE n.category = m.category AND n.code = m.code AND n.begins = m.ends + 1
        )
) AS p
GROUP BY p.category || ' ' || p.code;

COMMENT ON VIEW hotline.code_history IS '代码在各个时期的含义，每个代码一行';
COMMENT ON COLUMN hotline.code_history.category_code IS '代码表名、空格、代码';
COMMENT ON COLUMN hotline.code_history.since IS '各个含义的首日，由早到晚';
COMMENT ON COLUMN hotline.code_history.names IS '各个含义；当时没有含义的为空';

CREATE OR REPLACE VIEW analytics.work_order AS
SELECT
    o.regino,
    o.kind,
    CASE o.kind WHEN 'complaint' THEN '投诉' WHEN 'report' THEN '举报' ELSE '咨询' END AS kind_name,
    o.channel,
    CASE o.channel WHEN 'telephone' THEN '电话' ELSE '网络' END AS channel_name,
    o.receive_mode_code,
    o.registered_at,
    o.day,
    date_trunc('month', o.day::timestamp)::date AS month,
    extract(HOUR FROM o.registered_at AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
    o.taken_at,
    o.reported_at,
    o.collected_at,
    o.routed_at,
    o.first_checked_at,
    o.accepted_at,
    o.refused_at,
    o.filed_at,
    o.not_filed_at,
    o.answered_at,
    o.finished_at,
    o.returned_at,
    o.accepted_at IS NOT null AS is_accepted,
    o.refused_at IS NOT null AS is_refused,
    o.filed_at IS NOT null AS is_filed,
    o.finished_at IS NOT null AS is_finished,
    o.is_returned,
    o.is_withdrawn,
    o.is_answered_on_site,
    (o.acceptance_due_at AT TIME ZONE 'Asia/Shanghai')::date AS acceptance_due_on,
    (o.filing_due_at AT TIME ZONE 'Asia/Shanghai')::date AS filing_due_on,
    (o.due_at AT TIME ZONE 'Asia/Shanghai')::date AS due_on,
    o.due_source,
    o.is_accepted_in_time,
    o.is_filed_in_time,
    o.is_finished_in_time,
    o.is_first_checked_in_time,
    coalesce(o.due_at < now(), false) AND o.finished_at IS null AND NOT o.is_returned AND NOT o.is_withdrawn AS is_overdue,
    CASE
        WHEN o.due_at < now() AND o.finished_at IS null AND NOT o.is_returned AND NOT o.is_withdrawn
            THEN
                (
                    SELECT c.workday_number FROM hotline.calendar_day AS c
                    WHERE c.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
                ) - (
                    SELECT c.workday_number FROM hotline.calendar_day AS c
                    WHERE c.day = (o.due_at AT TIME ZONE 'Asia/Shanghai')::date
                )
    END AS overdue_working_days,
    o.reporting_seconds,
    o.first_check_seconds,
    o.first_check_working_days,
    o.acceptance_seconds,
    o.acceptance_working_days,
    o.filing_seconds,
    o.filing_working_days,
    o.finishing_seconds,
    o.finishing_working_days,
    o.is_time_ordered,
    o.urge_count,
    o.extension_count,
    o.supplement_count,
    o.feedback_count,
    o.routing_count,
    o.step_count,
    o.unit_code,
    hotline.decoded(
        unit.names[width_bucket(o.day, unit.since)],
        o.unit_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'unit'
        )
    ) AS unit_name,
    o.handling_unit_name,
    o.seat_code,
    (
        SELECT hotline.mask_name(n.seatname) FROM hotline.seat AS n
        WHERE n.seatno = o.seat_code
    ) AS seat_name_masked,
    (
        SELECT min(r.callid) FROM hotline.recording_log AS r
        WHERE r.recordname = o.record_name
    ) AS callid,
    o.company_name,
    o.company_credit_code,
    o.company_key,
    o.industry_code,
    o.entity_type_code,
    o.problem_class_code,
    hotline.decoded(
        problem.names[width_bucket(o.day, problem.since)],
        o.problem_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category IN ('complaint_problem', 'report_problem')
        )
    ) AS problem_class_name,
    o.goods_class_code,
    hotline.decoded(
        goods.names[width_bucket(o.day, goods.since)],
        o.goods_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'goods_service'
        )
    ) AS goods_class_name,
    o.goods_class_written_name,
    o.sales_way_code,
    hotline.decoded(
        sales.names[width_bucket(o.day, sales.since)],
        o.sales_way_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'salesway'
        )
    ) AS sales_way_name,
    o.consumption_amount,
    o.consultation_range_code,
    o.consultation_range_written_name,
    o.person_sex_code,
    o.person_age_group_code,
    o.person_key,
    o.identity_key,
    o.person_name_masked,
    o.person_phone_masked,
    o.person_address_masked
FROM hotline.order_fact AS o
LEFT JOIN hotline.code_history AS unit ON 'unit ' || o.unit_code = unit.category_code
LEFT JOIN hotline.code_history AS problem ON o.kind || '_problem ' || o.problem_class_code = problem.category_code
LEFT JOIN hotline.code_history AS goods ON 'goods_service ' || o.goods_class_code = goods.category_code
LEFT JOIN hotline.code_history AS sales ON 'salesway ' || o.sales_way_code = sales.category_code;

CREATE OR REPLACE VIEW analytics.order_day AS
SELECT
    o.day,
    date_trunc('month', o.day::timestamp)::date AS month,
    o.kind,
    CASE o.kind WHEN 'complaint' THEN '投诉' WHEN 'report' THEN '举报' ELSE '咨询' END AS kind_name,
    o.channel,
    CASE o.channel WHEN 'telephone' THEN '电话' ELSE '网络' END AS channel_name,
    o.unit_code,
    hotline.decoded(
        unit.names[width_bucket(o.day, unit.since)],
        o.unit_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'unit'
        )
    ) AS unit_name,
    o.handling_unit_name,
    o.problem_class_code,
    hotline.decoded(
        problem.names[width_bucket(o.day, problem.since)],
        o.problem_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category IN ('complaint_problem', 'report_problem')
        )
    ) AS problem_class_name,
    o.goods_class_code,
    hotline.decoded(
        goods.names[width_bucket(o.day, goods.since)],
        o.goods_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'goods_service'
        )
    ) AS goods_class_name,
    o.order_count,
    o.reported_count,
    o.accepted_count,
    o.refused_count,
    o.filed_count,
    o.finished_count,
    o.returned_count,
    o.first_checked_count,
    o.first_checked_in_time_count,
    o.known_first_check_count,
    o.accepted_in_time_count,
    o.known_acceptance_count,
    o.filed_in_time_count,
    o.known_filing_count,
    o.finished_in_time_count,
    o.known_finishing_count,
    o.finishing_seconds,
    o.timed_finished_count,
    o.finishing_working_days,
    o.dated_finished_count,
    o.urge_count,
    o.urged_count,
    o.extension_count,
    o.extended_count,
    o.consumption_amount,
    o.amount_count,
    o.as_of
FROM hotline.order_day AS o
LEFT JOIN hotline.code_history AS unit ON 'unit ' || o.unit_code = unit.category_code
LEFT JOIN hotline.code_history AS problem ON o.kind || '_problem ' || o.problem_class_code = problem.category_code
LEFT JOIN hotline.code_history AS goods ON 'goods_service ' || o.goods_class_code = goods.category_code;

CREATE OR REPLACE VIEW analytics.call_hour AS
SELECT
    c.day,
    date_trunc('month', c.day::timestamp)::date AS month,
    c.hour,
    c.area_code,
    hotline.decoded(
        area.names[width_bucket(c.day, area.since)],
        c.area_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    c.is_outbound,
    c.call_count,
    c.queued_count,
    c.answered_count,
    c.given_up_count,
    c.answered_within_15_seconds_count,
    c.known_waiting_count,
    c.waiting_seconds,
    c.known_ringing_count,
    c.ringing_seconds,
    c.recorded_count,
    c.talking_seconds,
    c.unordered_count,
    c.as_of
FROM hotline.call_hour AS c
LEFT JOIN hotline.code_history AS area ON 'area ' || c.area_code = area.category_code;

CREATE OR REPLACE VIEW analytics.satisfaction_day AS
SELECT
    s.day,
    date_trunc('month', s.day::timestamp)::date AS month,
    s.area_code,
    hotline.decoded(
        area.names[width_bucket(s.day, area.since)],
        s.area_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    s.seat_code,
    (
        SELECT hotline.mask_name(n.seatname) FROM hotline.seat AS n
        WHERE n.seatno = s.seat_code
    ) AS seat_name_masked,
    s.rating_count,
    s.very_satisfied_count,
    s.fairly_satisfied_count,
    s.dissatisfied_count,
    s.as_of
FROM hotline.satisfaction_day AS s
LEFT JOIN hotline.code_history AS area ON 'area ' || s.area_code = area.category_code;
