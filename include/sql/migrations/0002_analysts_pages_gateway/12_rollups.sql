-- What is asked every day, added up by day: only days that were marked are computed again, from the views above
-- (include/sql/analytics/rollups.sql).
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

CREATE TABLE hotline.call_hour (
    day date NOT NULL,
    hour integer NOT NULL,
    area_code text,
    is_outbound boolean NOT NULL,
    call_count bigint NOT NULL,
    queued_count bigint NOT NULL,
    answered_count bigint NOT NULL,
    given_up_count bigint NOT NULL,
    answered_within_15_seconds_count bigint NOT NULL,
    known_waiting_count bigint NOT NULL,
    waiting_seconds bigint NOT NULL,
    known_ringing_count bigint NOT NULL,
    ringing_seconds bigint NOT NULL,
    recorded_count bigint NOT NULL,
    talking_seconds bigint NOT NULL,
    unordered_count bigint NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (day, hour, area_code, is_outbound)
);

COMMENT ON TABLE hotline.call_hour IS '汇总：呼叫，每天每小时每个区划每个方向一行；见视图 analytics.call_hour';

CREATE TABLE hotline.satisfaction_day (
    day date NOT NULL,
    area_code text,
    seat_code text,
    rating_count bigint NOT NULL,
    very_satisfied_count bigint NOT NULL,
    fairly_satisfied_count bigint NOT NULL,
    dissatisfied_count bigint NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (day, area_code, seat_code)
);

COMMENT ON TABLE hotline.satisfaction_day IS '汇总：话务满意度，每天每个区划每个坐席一行；见视图 analytics.satisfaction_day';

CREATE TABLE hotline.order_day (
    day date NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    unit_code text,
    handling_unit_name text,
    problem_class_code text,
    goods_class_code text,
    order_count bigint NOT NULL,
    reported_count bigint NOT NULL,
    accepted_count bigint NOT NULL,
    refused_count bigint NOT NULL,
    filed_count bigint NOT NULL,
    finished_count bigint NOT NULL,
    returned_count bigint NOT NULL,
    first_checked_count bigint NOT NULL,
    first_checked_in_time_count bigint NOT NULL,
    known_first_check_count bigint NOT NULL,
    accepted_in_time_count bigint NOT NULL,
    known_acceptance_count bigint NOT NULL,
    filed_in_time_count bigint NOT NULL,
    known_filing_count bigint NOT NULL,
    finished_in_time_count bigint NOT NULL,
    known_finishing_count bigint NOT NULL,
    finishing_seconds bigint NOT NULL,
    timed_finished_count bigint NOT NULL,
    finishing_working_days bigint NOT NULL,
    dated_finished_count bigint NOT NULL,
    urge_count bigint NOT NULL,
    urged_count bigint NOT NULL,
    extension_count bigint NOT NULL,
    extended_count bigint NOT NULL,
    consumption_amount numeric NOT NULL,
    amount_count bigint NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (
        day, kind, channel, unit_code, handling_unit_name, problem_class_code, goods_class_code
    )
);

COMMENT ON TABLE hotline.order_day IS '汇总：工单，每个登记日期、类型、渠道、单位、类别一行；见视图 analytics.order_day';

CREATE TABLE hotline.indicator_value (
    month date NOT NULL,
    unit_role text NOT NULL CHECK (unit_role IN ('all', 'registering', 'handling')),
    unit_code text NOT NULL,
    indicator text NOT NULL,
    numerator numeric,
    denominator numeric,
    as_of timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (month, unit_role, unit_code, indicator)
);

COMMENT ON TABLE hotline.indicator_value IS '汇总：每月每个单位每项指标一行；见视图 analytics.indicator_month';

CREATE VIEW analytics.call_hour AS
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

COMMENT ON VIEW analytics.call_hour IS '呼叫汇总：每天每小时每个区划每个方向一行，由 analytics.call 汇总';
COMMENT ON COLUMN analytics.call_hour.day IS '呼叫日期（北京时间）';
COMMENT ON COLUMN analytics.call_hour.month IS '呼叫月份（首日）';
COMMENT ON COLUMN analytics.call_hour.hour IS '呼叫的小时，0 至 23';
COMMENT ON COLUMN analytics.call_hour.area_code IS '受理地行政区划代码';
COMMENT ON COLUMN analytics.call_hour.area_name IS '受理地名称（当日的含义）';
COMMENT ON COLUMN analytics.call_hour.is_outbound IS '是否呼出';
COMMENT ON COLUMN analytics.call_hour.call_count IS '呼叫数';
COMMENT ON COLUMN analytics.call_hour.queued_count IS '转人工数';
COMMENT ON COLUMN analytics.call_hour.answered_count IS '接通数';
COMMENT ON COLUMN analytics.call_hour.given_up_count IS '放弃数';
COMMENT ON COLUMN analytics.call_hour.answered_within_15_seconds_count IS '15 秒内接通数';
COMMENT ON COLUMN analytics.call_hour.known_waiting_count IS '等待秒数已知的接通数';
COMMENT ON COLUMN analytics.call_hour.waiting_seconds IS '等待秒数之和';
COMMENT ON COLUMN analytics.call_hour.known_ringing_count IS '振铃秒数已知的接通数';
COMMENT ON COLUMN analytics.call_hour.ringing_seconds IS '振铃秒数之和';
COMMENT ON COLUMN analytics.call_hour.recorded_count IS '有录音时长的呼叫数';
COMMENT ON COLUMN analytics.call_hour.talking_seconds IS '通话秒数之和';
COMMENT ON COLUMN analytics.call_hour.unordered_count IS '时间先后不合理的呼叫数';
COMMENT ON COLUMN analytics.call_hour.as_of IS '计算该行的时间';

CREATE VIEW analytics.satisfaction_day AS
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

COMMENT ON VIEW analytics.satisfaction_day IS '话务满意度汇总：每天每个区划每个坐席一行，由 analytics.satisfaction 汇总';
COMMENT ON COLUMN analytics.satisfaction_day.day IS '评价日期（北京时间）';
COMMENT ON COLUMN analytics.satisfaction_day.month IS '评价月份（首日）';
COMMENT ON COLUMN analytics.satisfaction_day.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.satisfaction_day.area_name IS '行政区划名称（当日的含义）';
COMMENT ON COLUMN analytics.satisfaction_day.seat_code IS '接听坐席；没有成为工单的呼叫为空';
COMMENT ON COLUMN analytics.satisfaction_day.seat_name_masked IS '坐席名称，只留首字';
COMMENT ON COLUMN analytics.satisfaction_day.rating_count IS '评价数，含代码不明的';
COMMENT ON COLUMN analytics.satisfaction_day.very_satisfied_count IS '非常满意数';
COMMENT ON COLUMN analytics.satisfaction_day.fairly_satisfied_count IS '一般满意数';
COMMENT ON COLUMN analytics.satisfaction_day.dissatisfied_count IS '不满意数';
COMMENT ON COLUMN analytics.satisfaction_day.as_of IS '计算该行的时间';

CREATE VIEW analytics.order_day AS
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

COMMENT ON VIEW analytics.order_day IS '工单汇总：每个登记日期、类型、渠道、登记机构、办理单位、问题类别、商品类别一行，由 analytics.work_order 汇总';
COMMENT ON COLUMN analytics.order_day.day IS '登记日期（北京时间）';
COMMENT ON COLUMN analytics.order_day.month IS '登记月份（首日）';
COMMENT ON COLUMN analytics.order_day.kind IS 'complaint 投诉, report 举报, consultation 咨询';
COMMENT ON COLUMN analytics.order_day.kind_name IS '类型';
COMMENT ON COLUMN analytics.order_day.channel IS 'telephone 电话, network 网络，见 work_order.channel';
COMMENT ON COLUMN analytics.order_day.channel_name IS '渠道';
COMMENT ON COLUMN analytics.order_day.unit_code IS '登记机构编号';
COMMENT ON COLUMN analytics.order_day.unit_name IS '登记机构名称（登记当日的含义）';
COMMENT ON COLUMN analytics.order_day.handling_unit_name IS '办理单位';
COMMENT ON COLUMN analytics.order_day.problem_class_code IS '问题类别代码';
COMMENT ON COLUMN analytics.order_day.problem_class_name IS '问题类别名称（登记当日的含义）';
COMMENT ON COLUMN analytics.order_day.goods_class_code IS '商品/服务类型代码';
COMMENT ON COLUMN analytics.order_day.goods_class_name IS '商品/服务类型名称（登记当日的含义）';
COMMENT ON COLUMN analytics.order_day.order_count IS '工单数';
COMMENT ON COLUMN analytics.order_day.reported_count IS '平台已收下的工单数';
COMMENT ON COLUMN analytics.order_day.accepted_count IS '受理数';
COMMENT ON COLUMN analytics.order_day.refused_count IS '不受理数';
COMMENT ON COLUMN analytics.order_day.filed_count IS '立案数';
COMMENT ON COLUMN analytics.order_day.finished_count IS '办结数';
COMMENT ON COLUMN analytics.order_day.returned_count IS '处于退回的工单数';
COMMENT ON COLUMN analytics.order_day.first_checked_count IS '已初查数';
COMMENT ON COLUMN analytics.order_day.first_checked_in_time_count IS '按时初查数';
COMMENT ON COLUMN analytics.order_day.known_first_check_count IS '能判断初查是否按时的工单数';
COMMENT ON COLUMN analytics.order_day.accepted_in_time_count IS '按时决定受理与否的工单数';
COMMENT ON COLUMN analytics.order_day.known_acceptance_count IS '能判断受理决定是否按时的工单数';
COMMENT ON COLUMN analytics.order_day.filed_in_time_count IS '按时决定立案与否的工单数';
COMMENT ON COLUMN analytics.order_day.known_filing_count IS '能判断立案决定是否按时的工单数';
COMMENT ON COLUMN analytics.order_day.finished_in_time_count IS '按时办结数';
COMMENT ON COLUMN analytics.order_day.known_finishing_count IS '能判断办结是否按时的工单数';
COMMENT ON COLUMN analytics.order_day.finishing_seconds IS '办结秒数之和';
COMMENT ON COLUMN analytics.order_day.timed_finished_count IS '办结秒数已知的工单数';
COMMENT ON COLUMN analytics.order_day.finishing_working_days IS '办结工作日数之和';
COMMENT ON COLUMN analytics.order_day.dated_finished_count IS '办结工作日数已知的工单数';
COMMENT ON COLUMN analytics.order_day.urge_count IS '催办次数';
COMMENT ON COLUMN analytics.order_day.urged_count IS '被催办的工单数';
COMMENT ON COLUMN analytics.order_day.extension_count IS '已批准的延期次数';
COMMENT ON COLUMN analytics.order_day.extended_count IS '延期的工单数';
COMMENT ON COLUMN analytics.order_day.consumption_amount IS '消费金额之和（元）';
COMMENT ON COLUMN analytics.order_day.amount_count IS '写有消费金额的工单数';
COMMENT ON COLUMN analytics.order_day.as_of IS '计算该行的时间';

-- Who is complained of, and under how many spellings; computed with the indicators of the month.
CREATE TABLE hotline.company_month (
    month date NOT NULL,
    company_key text NOT NULL,
    company_name text NOT NULL,
    company_credit_code text,
    spelling_count bigint NOT NULL,
    complaint_count bigint NOT NULL,
    report_count bigint NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (month, company_key)
);

COMMENT ON TABLE hotline.company_month IS '汇总：被投诉举报的企业，每月每个企业一行；见视图 analytics.company_month';

CREATE VIEW analytics.company_month AS
SELECT
    c.month,
    c.company_key,
    c.company_name,
    c.company_credit_code,
    c.spelling_count,
    c.complaint_count,
    c.report_count,
    c.as_of
FROM hotline.company_month AS c;

COMMENT ON VIEW analytics.company_month IS '企业月：每月每个企业一行，按登记月份；企业以信用代码区分，没有的以统一写法后的名称区分';
COMMENT ON COLUMN analytics.company_month.month IS '登记月份（首日）';
COMMENT ON COLUMN analytics.company_month.company_key IS '企业标识，见 work_order.company_key';
COMMENT ON COLUMN analytics.company_month.company_name IS '最常见的写法';
COMMENT ON COLUMN analytics.company_month.company_credit_code IS '统一社会信用代码';
COMMENT ON COLUMN analytics.company_month.spelling_count IS '名称有几种写法';
COMMENT ON COLUMN analytics.company_month.complaint_count IS '投诉数';
COMMENT ON COLUMN analytics.company_month.report_count IS '举报数';
COMMENT ON COLUMN analytics.company_month.as_of IS '计算该行的时间';
