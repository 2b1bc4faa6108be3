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
