-- What codes meant when (include/standard_data): the views of subjects decode with these, and analysts choose by them.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

-- Of two versions that overlap, the later one counts: who looks one up takes the one that begins last.
CREATE VIEW hotline.code_period AS
SELECT
    s.category,
    s.code,
    s.name,
    coalesce(s.valid_from, '-infinity') AS begins,
    coalesce(s.valid_to, 'infinity') AS ends
FROM hotline.standard_data AS s;

COMMENT ON VIEW hotline.code_period IS '代码在何时是什么含义';
COMMENT ON COLUMN hotline.code_period.category IS '代码表名';
COMMENT ON COLUMN hotline.code_period.code IS '代码';
COMMENT ON COLUMN hotline.code_period.name IS '代码内容';
COMMENT ON COLUMN hotline.code_period.begins IS '首日';
COMMENT ON COLUMN hotline.code_period.ends IS '末日（含）';

-- The same for whole tables, which are joined: no two periods of a code overlap, so no row is doubled.
CREATE VIEW hotline.code_meaning AS
SELECT
    p.category,
    p.code,
    p.name,
    p.begins,
    least(p.ends, lead(p.begins) OVER (PARTITION BY p.category, p.code ORDER BY p.begins) - 1) AS ends
FROM hotline.code_period AS p;

COMMENT ON VIEW hotline.code_meaning IS '代码在何时是什么含义：同一代码的各段时间不重叠，后一段开始则前一段结束';
COMMENT ON COLUMN hotline.code_meaning.category IS '代码表名';
COMMENT ON COLUMN hotline.code_meaning.code IS '代码';
COMMENT ON COLUMN hotline.code_meaning.name IS '代码内容';
COMMENT ON COLUMN hotline.code_meaning.begins IS '首日';
COMMENT ON COLUMN hotline.code_meaning.ends IS '末日（含）';

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

-- Each argument is used once, or the planner could not take it into a query.
CREATE FUNCTION hotline.decoded(name text, code text, is_delivered boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(name, CASE WHEN code <> '' THEN CASE WHEN is_delivered THEN '未知' ELSE '未交付' END END);

COMMENT ON FUNCTION hotline.decoded IS '代码的名称：不在表中的为“未知”，代码表尚未交付的为“未交付”，没有代码的为空';

CREATE VIEW analytics.day AS
SELECT
    c.day,
    date_trunc('month', c.day)::date AS month,
    extract(YEAR FROM c.day)::integer AS year,
    extract(QUARTER FROM c.day)::integer AS quarter,
    extract(WEEK FROM c.day)::integer AS week,
    extract(ISODOW FROM c.day)::integer AS weekday,
    substr('一二三四五六日', extract(ISODOW FROM c.day)::integer, 1) AS weekday_name,
    c.is_workday AS is_working_day,
    NOT c.is_workday AND c.name IS NOT null AS is_holiday,
    c.name AS holiday_name,
    c.workday_number AS working_day_number
FROM hotline.calendar_day AS c;

COMMENT ON VIEW analytics.day IS '日期维度：日历中的每天一行；没有公布放假安排的年份没有行';
COMMENT ON COLUMN analytics.day.day IS '日期';
COMMENT ON COLUMN analytics.day.month IS '月份（首日）';
COMMENT ON COLUMN analytics.day.year IS '年';
COMMENT ON COLUMN analytics.day.quarter IS '季度，1 至 4';
COMMENT ON COLUMN analytics.day.week IS '周（ISO 8601）';
COMMENT ON COLUMN analytics.day.weekday IS '星期，1 为星期一，7 为星期日';
COMMENT ON COLUMN analytics.day.weekday_name IS '星期的汉字';
COMMENT ON COLUMN analytics.day.is_working_day IS '是否工作日（含调休上班）';
COMMENT ON COLUMN analytics.day.is_holiday IS '是否国务院公布的节假日';
COMMENT ON COLUMN analytics.day.holiday_name IS '节假日或调休名称';
COMMENT ON COLUMN analytics.day.working_day_number IS '从日历首日到当日（含）的工作日累计数：两日相减即工作日数';

CREATE VIEW analytics.area AS
SELECT
    p.code AS area_code,
    p.name AS area_name,
    nullif(p.begins, '-infinity') AS valid_from,
    nullif(p.ends, 'infinity') AS valid_to
FROM hotline.code_period AS p
WHERE p.category = 'area';

COMMENT ON VIEW analytics.area IS '行政区划维度：每个代码的每个含义一行';
COMMENT ON COLUMN analytics.area.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.area.area_name IS '名称';
COMMENT ON COLUMN analytics.area.valid_from IS '该含义的首日；不详的为空';
COMMENT ON COLUMN analytics.area.valid_to IS '该含义的末日（含）；仍有效的为空';

CREATE VIEW analytics.goods_class AS
SELECT
    p.code AS goods_class_code,
    p.name AS goods_class_name,
    nullif(p.begins, '-infinity') AS valid_from,
    nullif(p.ends, 'infinity') AS valid_to
FROM hotline.code_period AS p
WHERE p.category = 'goods_service';

COMMENT ON VIEW analytics.goods_class IS '商品服务分类维度：每个代码的每个含义一行；代码表尚未交付时没有行';
COMMENT ON COLUMN analytics.goods_class.goods_class_code IS '商品/服务类型代码';
COMMENT ON COLUMN analytics.goods_class.goods_class_name IS '名称';
COMMENT ON COLUMN analytics.goods_class.valid_from IS '该含义的首日；不详的为空';
COMMENT ON COLUMN analytics.goods_class.valid_to IS '该含义的末日（含）；仍有效的为空';

CREATE VIEW analytics.problem_class AS
SELECT
    CASE p.category WHEN 'complaint_problem' THEN 'complaint' ELSE 'report' END AS kind,
    p.code AS problem_class_code,
    p.name AS problem_class_name,
    nullif(p.begins, '-infinity') AS valid_from,
    nullif(p.ends, 'infinity') AS valid_to
FROM hotline.code_period AS p
WHERE p.category IN ('complaint_problem', 'report_problem');

COMMENT ON VIEW analytics.problem_class IS '问题类别维度：投诉、举报各自每个代码的每个含义一行；代码表尚未交付时没有行';
COMMENT ON COLUMN analytics.problem_class.kind IS 'complaint 投诉, report 举报';
COMMENT ON COLUMN analytics.problem_class.problem_class_code IS '问题类别代码';
COMMENT ON COLUMN analytics.problem_class.problem_class_name IS '名称';
COMMENT ON COLUMN analytics.problem_class.valid_from IS '该含义的首日；不详的为空';
COMMENT ON COLUMN analytics.problem_class.valid_to IS '该含义的末日（含）；仍有效的为空';

CREATE VIEW analytics.seat AS
SELECT
    s.seatno AS seat_code,
    hotline.mask_name(s.seatname) AS seat_name_masked,
    s.sourcearea AS area_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE p.category = 'area' AND p.code = s.sourcearea AND p.begins <= current_date AND p.ends >= current_date
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        s.sourcearea,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    s.unitcode AS unit_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE p.category = 'unit' AND p.code = s.unitcode AND p.begins <= current_date AND p.ends >= current_date
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        s.unitcode,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'unit'
        )
    ) AS unit_name,
    s.enabled AS enabled_code,
    s.gone_at IS NOT null AS is_gone,
    s.since AS since_at
FROM hotline.seat AS s;

COMMENT ON VIEW analytics.seat IS '坐席维度：12345 给出的每个坐席一行，含已消失的';
COMMENT ON COLUMN analytics.seat.seat_code IS '坐席工号';
COMMENT ON COLUMN analytics.seat.seat_name_masked IS '坐席名称，只留首字';
COMMENT ON COLUMN analytics.seat.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.seat.area_name IS '行政区划名称（今天的含义）';
COMMENT ON COLUMN analytics.seat.unit_code IS '所属单位代码';
COMMENT ON COLUMN analytics.seat.unit_name IS '所属单位名称（今天的含义）';
COMMENT ON COLUMN analytics.seat.enabled_code IS '是否启用，12345 的原值';
COMMENT ON COLUMN analytics.seat.is_gone IS '是否已从对接库消失';
COMMENT ON COLUMN analytics.seat.since_at IS '现有内容或状态始于何时';

-- Code lists that somebody uploads, and what was counted of codes that no list has: both are shown on a page.

CREATE TABLE hotline.code_delivery (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    file_name text NOT NULL,
    source text NOT NULL,
    source_date date NOT NULL,
    holds_from date,
    has_days boolean NOT NULL,
    codes jsonb NOT NULL,
    remarks text [] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'uploaded' CHECK (state IN ('uploaded', 'in_use', 'replaced', 'withdrawn')),
    decided_at timestamptz
);

COMMENT ON TABLE hotline.code_delivery IS '在页面上导入的代码表：每次导入一行；使用中的代替 include/standard_data 中的同名文件';
COMMENT ON COLUMN hotline.code_delivery.row_id IS '本地编号';
COMMENT ON COLUMN hotline.code_delivery.category IS '代码表名';
COMMENT ON COLUMN hotline.code_delivery.uploaded_at IS '导入时间';
COMMENT ON COLUMN hotline.code_delivery.actor IS '导入人';
COMMENT ON COLUMN hotline.code_delivery.file_name IS '文件名';
COMMENT ON COLUMN hotline.code_delivery.source IS '来源';
COMMENT ON COLUMN hotline.code_delivery.source_date IS '来源的日期';
COMMENT ON COLUMN hotline.code_delivery.holds_from IS '从哪一天起是完整的代码表；空为不详，或文件自带日期';
COMMENT ON COLUMN hotline.code_delivery.has_days IS '文件是否自带启用、停用日期：带的为全部版本，不带的为当时的代码';
COMMENT ON COLUMN hotline.code_delivery.codes IS '文件的内容：每行为代码、名称、启用日期、停用日期';
COMMENT ON COLUMN hotline.code_delivery.remarks IS '读取文件时需要人核对的事项';
COMMENT ON COLUMN hotline.code_delivery.state IS 'uploaded 已导入，未启用；in_use 使用中；replaced 已由新的代替；withdrawn 已撤销';
COMMENT ON COLUMN hotline.code_delivery.decided_at IS '启用、被代替或撤销的时间';

CREATE UNIQUE INDEX code_delivery_in_use ON hotline.code_delivery (category) WHERE state = 'in_use';
CREATE INDEX code_delivery_category ON hotline.code_delivery (category, row_id);

CREATE TABLE hotline.unknown_code (
    interface text NOT NULL,
    field text NOT NULL,
    category text NOT NULL,
    code text NOT NULL,
    row_count bigint NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (interface, field, code)
);

COMMENT ON TABLE hotline.unknown_code IS '本地各表中不在代码表内的代码，每晚统计；不像代码的内容只计数';
COMMENT ON COLUMN hotline.unknown_code.interface IS '接口';
COMMENT ON COLUMN hotline.unknown_code.field IS '字段';
COMMENT ON COLUMN hotline.unknown_code.category IS '代码表名';
COMMENT ON COLUMN hotline.unknown_code.code IS '代码';
COMMENT ON COLUMN hotline.unknown_code.row_count IS '现有多少行使用';
COMMENT ON COLUMN hotline.unknown_code.counted_at IS '统计时间';
