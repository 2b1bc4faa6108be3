-- The indicators by which hotlines and 12315 are judged: what each is made of, its values by month, and how fresh all is.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

CREATE VIEW analytics.indicator AS
SELECT
    i.indicator,
    i.indicator_name,
    i.unit_of_measure,
    i.numerator_meaning,
    i.denominator_meaning,
    i.source
FROM (
    VALUES
    ('calls', '呼入量', 'count', '呼入的呼叫', null, '话务日志'),
    ('queued_calls', '转人工量', 'count', '进了队列或接通的呼入', '呼入的呼叫', '话务日志'),
    ('connection', '接通率', 'share', '接通的呼入', '转人工的呼入（语音导航中挂断的不计）', '话务日志；GB/T 33358-2016'),
    ('connection_with_menu', '接通率（含语音导航）', 'share', '接通的呼入', '全部呼入', '话务日志'),
    (
        'answered_within_15_seconds', '15 秒接通率', 'share', '进队列后 15 秒内接通的呼入',
        '转人工的呼入，减去接通而等待秒数不明的', '话务日志；GB/T 33358-2016'
    ),
    ('waiting', '平均等待', 'seconds', '等待秒数之和（不含语音导航）', '接通且等待秒数已知的呼入', '话务日志'),
    ('talking', '平均通话', 'seconds', '录音时长之和', '有录音时长的呼入', '话务日志、录音日志'),
    ('given_up', '放弃率', 'share', '进了队列而没有接通的呼入', '转人工的呼入', '话务日志'),
    ('call_satisfaction', '通话满意率', 'share', '非常满意、一般满意的评价', '代码为 1、2、3 的评价', '话务满意度；不是办理结果的满意率'),
    ('received', '接收量', 'count', '登记的工单', null, '工单'),
    ('received_complaint', '接收投诉', 'count', '登记的投诉', '登记的工单', '工单'),
    ('received_report', '接收举报', 'count', '登记的举报', '登记的工单', '工单'),
    ('received_consultation', '接收咨询', 'count', '登记的咨询', '登记的工单', '工单'),
    ('received_telephone', '来自电话', 'count', '12345 写入的工单', '登记的工单', '工单'),
    ('received_network', '来自网络', 'count', '只见于平台的工单', '登记的工单', '工单'),
    ('returned', '退回', 'count', '处于退回的工单', '登记的工单', '退回'),
    ('accepted', '受理', 'count', '受理的投诉、举报', '登记的投诉、举报', '办理步骤'),
    ('refused', '不受理', 'count', '不受理的投诉、举报', '登记的投诉、举报', '办理步骤'),
    ('accepted_in_time', '按时受理率', 'share', '按时决定受理与否的投诉、举报', '能判断受理决定是否按时的', '办理步骤、时限'),
    ('first_check_in_time', '按时初查率', 'share', '在受理时限内初查的投诉、举报', '能判断初查是否按时的', '流转、时限'),
    ('filed', '立案', 'count', '立案的举报', '登记的举报', '办理步骤；步骤代码交付之前没有立案'),
    ('filed_in_time', '按时立案率', 'share', '按时决定立案与否的举报', '能判断立案决定是否按时的', '办理步骤、时限'),
    ('finished', '办结', 'count', '已反馈、不受理或现场答复的工单', '登记的工单', '反馈、办理步骤'),
    ('finished_in_time', '按期办结率', 'share', '在办理时限内办结的工单', '已办结且时限已知的', '反馈、流转、延期'),
    ('finishing_time', '平均办结时间', 'working_days', '登记至办结的工作日数之和', '已办结且工作日数已知的', '反馈、工作日历'),
    ('urged', '被催办', 'count', '被催办的工单', '登记的工单', '催办'),
    ('extended', '延期', 'count', '有批准的延期的工单', '登记的工单', '延期'),
    ('consumption_amount', '消费金额', 'amount', '消费金额之和（元）', '写有金额的工单', '工单'),
    (
        'repeated_complaints', '重复投诉', 'count', '当月被投诉两次以上的企业所涉投诉',
        '知道企业的投诉', '工单；以信用代码区分，没有的以统一写法后的名称'
    )
) AS i (indicator, indicator_name, unit_of_measure, numerator_meaning, denominator_meaning, source);

COMMENT ON VIEW analytics.indicator IS
'指标维度：每项指标一行。接口不提供、因而没有的指标：解决率、回访满意率、调解成功率、挽回经济损失、罚没金额；商品与服务之分待代码表交付';
COMMENT ON COLUMN analytics.indicator.indicator IS '指标';
COMMENT ON COLUMN analytics.indicator.indicator_name IS '名称';
COMMENT ON COLUMN analytics.indicator.unit_of_measure IS 'count 件数, share 比率, seconds 秒, working_days 工作日, amount 元';
COMMENT ON COLUMN analytics.indicator.numerator_meaning IS '分子';
COMMENT ON COLUMN analytics.indicator.denominator_meaning IS '分母';
COMMENT ON COLUMN analytics.indicator.source IS '数据来源';

CREATE VIEW analytics.indicator_month AS
-- Earlier months are looked up by the key.
WITH this AS NOT MATERIALIZED (
    SELECT
        v.month,
        v.unit_role,
        v.unit_code,
        v.indicator,
        i.indicator_name,
        i.unit_of_measure,
        v.numerator,
        v.denominator,
        v.as_of,
        v.numerator / nullif(v.denominator, 0) AS rate,
        CASE WHEN i.unit_of_measure IN ('count', 'amount') THEN v.numerator ELSE v.numerator / nullif(v.denominator, 0) END
            AS value
    FROM hotline.indicator_value AS v
    INNER JOIN analytics.indicator AS i ON v.indicator = i.indicator
)

SELECT
    this.month,
    this.unit_role,
    this.unit_code,
    CASE this.unit_role
        WHEN 'registering'
            THEN hotline.decoded(
                unit.name,
                this.unit_code,
                EXISTS (
                    SELECT FROM hotline.standard_data AS d
                    WHERE d.category = 'unit'
                )
            )
        WHEN 'handling' THEN nullif(this.unit_code, '')
    END AS unit_name,
    this.indicator,
    this.indicator_name,
    this.unit_of_measure,
    this.numerator,
    this.denominator,
    round(this.rate, 6) AS rate,
    round(this.value, 6) AS value,
    round(month_before.value, 6) AS value_month_before,
    round(year_before.value, 6) AS value_year_before,
    round(
        CASE this.unit_of_measure
            WHEN 'share' THEN this.value - month_before.value
            ELSE (this.value - month_before.value) / nullif(month_before.value, 0)
        END, 6
    ) AS change_on_month,
    round(
        CASE this.unit_of_measure
            WHEN 'share' THEN this.value - year_before.value
            ELSE (this.value - year_before.value) / nullif(year_before.value, 0)
        END, 6
    ) AS change_on_year,
    this.as_of
FROM this
LEFT JOIN this AS month_before
    ON
        (this.month - interval '1 month')::date = month_before.month
        AND this.unit_role = month_before.unit_role
        AND this.unit_code = month_before.unit_code
        AND this.indicator = month_before.indicator
LEFT JOIN this AS year_before
    ON
        (this.month - interval '1 year')::date = year_before.month
        AND this.unit_role = year_before.unit_role
        AND this.unit_code = year_before.unit_code
        AND this.indicator = year_before.indicator
LEFT JOIN hotline.code_meaning AS unit
    ON
        unit.category = 'unit'
        AND this.unit_code = unit.code
        AND this.month BETWEEN unit.begins AND unit.ends;

COMMENT ON VIEW analytics.indicator_month IS
'指标月：每月每个单位每项指标一行，附上月和上年同月。工单指标按登记月份计，登记不久的月份还会变化；没有数据的月份没有行，其环比、同比为空';
COMMENT ON COLUMN analytics.indicator_month.month IS '月份（首日）：工单按登记时间，话务按呼叫时间，评价按评价时间';
COMMENT ON COLUMN analytics.indicator_month.unit_role IS 'all 全部, registering 登记机构, handling 办理单位；话务指标只有 all';
COMMENT ON COLUMN analytics.indicator_month.unit_code IS '登记机构编号；办理单位的名称（平台不给代码）；全部、单位不明的为空串';
COMMENT ON COLUMN analytics.indicator_month.unit_name IS '单位名称；全部、单位不明的为空';
COMMENT ON COLUMN analytics.indicator_month.indicator IS '指标，含义见 analytics.indicator';
COMMENT ON COLUMN analytics.indicator_month.indicator_name IS '名称';
COMMENT ON COLUMN analytics.indicator_month.unit_of_measure IS 'count 件数, share 比率, seconds 秒, working_days 工作日, amount 元';
COMMENT ON COLUMN analytics.indicator_month.numerator IS '分子';
COMMENT ON COLUMN analytics.indicator_month.denominator IS '分母；没有比率的指标为空';
COMMENT ON COLUMN analytics.indicator_month.rate IS '分子 ÷ 分母；分母为零或没有的为空';
COMMENT ON COLUMN analytics.indicator_month.value IS '指标值：件数、金额为分子，其余为 rate';
COMMENT ON COLUMN analytics.indicator_month.value_month_before IS '上月的值；上月没有数据的为空';
COMMENT ON COLUMN analytics.indicator_month.value_year_before IS '上年同月的值；没有数据的为空';
COMMENT ON COLUMN analytics.indicator_month.change_on_month IS '环比：比率为差（百分点的百分之一），其余为增长的比例；上月为零的为空';
COMMENT ON COLUMN analytics.indicator_month.change_on_year IS '同比：算法同环比';
COMMENT ON COLUMN analytics.indicator_month.as_of IS '计算该行的时间';

CREATE VIEW analytics.unit AS
SELECT
    'registering' AS unit_role,
    p.code AS unit_code,
    p.name AS unit_name,
    nullif(p.begins, '-infinity') AS valid_from,
    nullif(p.ends, 'infinity') AS valid_to
FROM hotline.code_period AS p
WHERE p.category = 'unit'
UNION ALL
SELECT
    'handling' AS unit_role,
    v.unit_code,
    v.unit_code AS unit_name,
    null AS valid_from,
    null AS valid_to
FROM hotline.indicator_value AS v
WHERE v.unit_role = 'handling' AND v.indicator = 'received' AND v.unit_code <> ''
GROUP BY v.unit_code;

COMMENT ON VIEW analytics.unit IS '单位维度：登记机构每个代码的每个含义一行（代码表尚未交付时没有），办理单位每个名称一行';
COMMENT ON COLUMN analytics.unit.unit_role IS 'registering 登记机构, handling 办理单位';
COMMENT ON COLUMN analytics.unit.unit_code IS '登记机构编号；办理单位的名称';
COMMENT ON COLUMN analytics.unit.unit_name IS '名称';
COMMENT ON COLUMN analytics.unit.valid_from IS '该含义的首日；不详的为空';
COMMENT ON COLUMN analytics.unit.valid_to IS '该含义的末日（含）；仍有效的为空';

-- How old what analysts see is, from indexes alone, whatever the size of the tables; the list is long and its parts alike.
DO $$
DECLARE
    parts text;
BEGIN
    SELECT
        string_agg(
            format(
                'SELECT %1$L AS subject, %2$L AS subject_name, max(t.%3$I) AS newest_at, 0 AS waiting_count FROM hotline.%1$I AS t',
                s.table_name, s.table_name_zh, s.written
            ), ' UNION ALL '
        )
    INTO parts
    FROM (
        VALUES
        ('call_log', '话务日志', 'written_at'), ('recording_log', '录音日志', 'written_at'),
        ('seat_login_log', '坐席工作日志', 'written_at'), ('satisfaction_log', '话务满意度', 'written_at'),
        ('complaint_order', '投诉工单（12345）', 'written_at'), ('report_order', '举报工单（12345）', 'written_at'),
        ('consultation_order', '咨询工单（12345）', 'written_at'), ('complaint_case', '投诉单（平台）', 'loaded_at'),
        ('report_case', '举报单（平台）', 'loaded_at'), ('consultation_case', '咨询单（平台）', 'loaded_at'),
        ('case_routing', '流转', 'loaded_at'), ('complaint_handling', '投诉办理', 'loaded_at'),
        ('report_handling', '举报办理', 'loaded_at'), ('case_extension', '延期', 'loaded_at'), ('case_urge', '催办', 'loaded_at'),
        ('complaint_feedback', '投诉反馈', 'loaded_at'), ('report_feedback', '举报反馈', 'loaded_at'),
        ('consultation_feedback', '咨询反馈', 'loaded_at'), ('case_feedback', '登记单反馈', 'loaded_at')
    ) AS s (table_name, table_name_zh, written);
    EXECUTE format(
        'CREATE VIEW analytics.freshness AS'
        ' SELECT s.subject, s.subject_name, s.newest_at, s.waiting_count,'
        ' greatest(extract(EPOCH FROM now() - s.newest_at), 0)::bigint AS lag_seconds'
        ' FROM (%s'
        ' UNION ALL SELECT ''order_fact'', ''工单与反馈全貌'', coalesce(min(m.marked_at), now()), count(*) FROM hotline.order_mark AS m'
        ' UNION ALL SELECT r.rollup, r.rollup_name, coalesce(min(m.marked_at), now()), count(m.row_id)'
        ' FROM (VALUES (''call_hour'', ''呼叫汇总''), (''seat_hour'', ''坐席汇总''), (''satisfaction_day'', ''满意度汇总''),'
        ' (''order_day'', ''工单汇总''), (''indicator_month'', ''指标'')) AS r (rollup, rollup_name)'
        ' LEFT JOIN hotline.rollup_mark AS m ON r.rollup = m.rollup GROUP BY r.rollup, r.rollup_name) AS s', parts
    );
END
$$;

COMMENT ON VIEW analytics.freshness IS '数据时效：每张原始表和每张汇总表一行';
COMMENT ON COLUMN analytics.freshness.subject IS '表名';
COMMENT ON COLUMN analytics.freshness.subject_name IS '名称';
COMMENT ON COLUMN analytics.freshness.newest_at IS '原始表：最近一次 12345 写入或从平台取得新内容的时间；汇总表：此前的变化都已计入';
COMMENT ON COLUMN analytics.freshness.waiting_count IS '汇总表：尚未计入的变化数';
COMMENT ON COLUMN analytics.freshness.lag_seconds IS '距今的秒数';

-- A column of a table that a view shows as it is means the same in both.
DO $$
DECLARE
    meaning record;
BEGIN
    FOR meaning IN
        SELECT
            t.attrelid::regclass AS table_name,
            t.attname,
            col_description(v.attrelid, v.attnum) AS text
        FROM (
            VALUES
            ('order_fact', 'work_order'), ('call_hour', 'call_hour'), ('order_day', 'order_day'),
            ('satisfaction_day', 'satisfaction_day'), ('indicator_value', 'indicator_month'),
            ('company_month', 'company_month'), ('feedback_fact', 'feedback'), ('seat_hour', 'seat_hour')
        ) AS shown (table_name, view_name)
        INNER JOIN pg_attribute AS t ON t.attrelid = ('hotline.' || shown.table_name)::regclass AND t.attnum > 0
        INNER JOIN pg_attribute AS v
            ON v.attrelid = ('analytics.' || shown.view_name)::regclass AND t.attname = v.attname
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', meaning.table_name, meaning.attname, meaning.text);
    END LOOP;
END
$$;
