-- Daily counts of both sides (对账, 4.8.2.1.5.5): every check is kept, and what the latest one of each day says is a view.

CREATE TABLE hotline.count_reconciliation (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    docking_count integer,
    delivered_count integer,
    platform_count integer,
    local_count integer,
    explained jsonb NOT NULL DEFAULT '{}',
    unexplained integer,
    state text NOT NULL CHECK (state IN ('agreed', 'open', 'incomplete', 'unknown')),
    repair jsonb,
    CHECK ((state = 'agreed') = coalesce(unexplained = 0, false))
);

COMMENT ON TABLE hotline.count_reconciliation IS '对账：每次核对每天每类一行，只增不改';
COMMENT ON COLUMN hotline.count_reconciliation.day IS '工单的登记日期；话务日志为 12345 写入的日期（北京时间）';
COMMENT ON COLUMN hotline.count_reconciliation.kind IS
'complaint 投诉, report 举报, consultation 咨询；话务日志为其表名';
COMMENT ON COLUMN hotline.count_reconciliation.docking_count IS '12345 受理：对接库中的工单数；话务日志为对接库的行数';
COMMENT ON COLUMN hotline.count_reconciliation.delivered_count IS '已上报：平台已接收的工单数；话务日志为版本数';
COMMENT ON COLUMN hotline.count_reconciliation.platform_count IS '平台的登记数量；话务日志没有';
COMMENT ON COLUMN hotline.count_reconciliation.local_count IS '本地：已收集的工单数；话务日志为各状态版本与重复行之和';
COMMENT ON COLUMN hotline.count_reconciliation.explained IS '可以解释的差异：名称和数量';
COMMENT ON COLUMN hotline.count_reconciliation.unexplained IS '不能解释的差异；空值为没有得到平台数量';
COMMENT ON COLUMN hotline.count_reconciliation.state IS
'agreed 相符, open 有差异, incomplete 有差异且当日收集不完整, unknown 没有得到平台数量';
COMMENT ON COLUMN hotline.count_reconciliation.repair IS '此次核对之前所做的修复：名称和数量；空值为没有修复';

CREATE INDEX count_reconciliation_latest ON hotline.count_reconciliation (day, kind, row_id DESC);
CREATE INDEX count_reconciliation_checked_at ON hotline.count_reconciliation (checked_at);
-- Asked for what does not agree, the views read the few checks that did not.
CREATE INDEX count_reconciliation_unsettled ON hotline.count_reconciliation (day, kind) WHERE state <> 'agreed';

CREATE VIEW hotline.reconciliation_state AS
SELECT
    r.row_id,
    r.checked_at,
    r.day,
    r.kind,
    r.docking_count,
    r.delivered_count,
    r.platform_count,
    r.local_count,
    r.explained,
    r.unexplained,
    r.state,
    r.repair
FROM hotline.count_reconciliation AS r
WHERE
    NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS later
        WHERE later.day = r.day AND later.kind = r.kind AND later.row_id > r.row_id
    );

COMMENT ON VIEW hotline.reconciliation_state IS '对账现状：每天每类最近一次核对';

CREATE VIEW hotline.reconciliation_history AS
SELECT
    r.row_id,
    r.checked_at,
    r.day,
    r.kind,
    r.docking_count,
    r.delivered_count,
    r.platform_count,
    r.local_count,
    r.explained,
    r.unexplained,
    r.state,
    r.repair,
    lag(r.state) OVER earlier AS state_before,
    lag(r.unexplained) OVER earlier AS unexplained_before
FROM hotline.count_reconciliation AS r
WINDOW earlier AS (PARTITION BY r.day, r.kind ORDER BY r.row_id);

COMMENT ON VIEW hotline.reconciliation_history IS '对账历史：每次核对及其上一次的状态';

-- Days that the platform has counted, one row each: which day it never did is told without a look at every check of years.
CREATE TABLE hotline.counted_day (day date PRIMARY KEY);

COMMENT ON TABLE hotline.counted_day IS '平台已统计过数量的日期；每个日期一行，由触发器写入';

CREATE FUNCTION hotline.keep_counted_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.counted_day
    SELECT DISTINCT r.day
    FROM recorded AS r
    WHERE r.platform_count IS NOT null
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER counted_days AFTER INSERT ON hotline.count_reconciliation
REFERENCING NEW TABLE AS recorded FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_counted_days();

-- From the first registration time that is collected; a gap in the schedule shows here, and the next run catches it up.
CREATE VIEW hotline.reconciliation_missing AS
SELECT days.day::date AS day
FROM (
    SELECT min(w.begins - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai' + interval '1 day' AS since
    FROM hotline.collection_window AS w
) AS collected
CROSS JOIN
    LATERAL generate_series(
        date_trunc('day', collected.since),
        date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') - interval '1 day',
        interval '1 day'
    ) AS days (day)
WHERE
    NOT EXISTS (
        SELECT FROM hotline.counted_day AS counted
        WHERE counted.day = days.day::date
    );

COMMENT ON VIEW hotline.reconciliation_missing IS '从未与平台核对过的日期';

-- Counts of less than a day, which say where within an incompletely collected day rows are missing.
CREATE TABLE hotline.count_location (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    kind text NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    platform_count integer NOT NULL,
    local_count integer NOT NULL
);

COMMENT ON TABLE hotline.count_location IS '差异所在的时段：不完整的日期按数量逐级二分到分钟';
COMMENT ON COLUMN hotline.count_location.ends IS '时段终点（不含）';

CREATE INDEX count_location_checked_at ON hotline.count_location (checked_at);

CREATE TABLE hotline.platform_reading (
    name text PRIMARY KEY,
    is_inclusive boolean NOT NULL,
    found_at timestamptz NOT NULL
);

COMMENT ON TABLE hotline.platform_reading IS '平台如何理解时间窗口：count_begin、count_end 两端是否包含在内，由一次实测得知';

-- What cannot be fixed and a person has looked at: it is shown as before, and neither red nor alerted.
CREATE TABLE hotline.acceptance (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    subject text NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    unexplained integer,
    CHECK (begins < ends)
);

COMMENT ON TABLE hotline.acceptance IS '人工认可：无法取得完整的登记时间、无法解释的数量差异；不再告警，谁、为何见 operator_action';
COMMENT ON COLUMN hotline.acceptance.subject IS '不完整的登记时间为接口名；数量差异为类别';
COMMENT ON COLUMN hotline.acceptance.unexplained IS '所认可的差异数量，数量一变即失效；登记时间为空';

CREATE INDEX acceptance_subject ON hotline.acceptance (subject, begins);

-- Of all checks only those that found a difference are read.
CREATE VIEW hotline.unaccepted AS
SELECT
    w.interface AS subject,
    w.begins,
    w.ends,
    null::integer AS unexplained,
    w.visited_at AS since
FROM hotline.collection_window AS w
WHERE
    w.state = 'incomplete'
    AND NOT EXISTS (
        SELECT FROM hotline.acceptance AS a
        WHERE a.subject = w.interface AND a.unexplained IS null AND a.begins <= w.begins AND a.ends >= w.ends
    )
UNION ALL
SELECT
    r.kind AS subject,
    r.day::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
    (r.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS ends,
    r.unexplained,
    r.checked_at AS since
FROM hotline.count_reconciliation AS r
WHERE
    r.state IN ('open', 'incomplete')
    AND NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS newer
        WHERE newer.day = r.day AND newer.kind = r.kind AND newer.row_id > r.row_id
    )
    AND NOT EXISTS (
        SELECT FROM hotline.acceptance AS a
        WHERE
            a.subject = r.kind
            AND a.begins = r.day::timestamp AT TIME ZONE 'Asia/Shanghai'
            AND a.unexplained = r.unexplained
    );

COMMENT ON VIEW hotline.unaccepted IS '待认可：未能完整取得的登记时间（unexplained 为空），和数量有差异的日期';
