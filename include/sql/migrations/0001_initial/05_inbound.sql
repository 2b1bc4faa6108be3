-- Windows of registration time, answers as they came, rows that broke a rule, and when orders were registered.

-- Few rows that change all day: cleaned by number of rows, so that the table stays as small as what is in it.
CREATE TABLE hotline.collection_window (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'settled', 'incomplete', 'failed')),
    row_count integer,
    request_count integer NOT NULL DEFAULT 0,
    visited_at timestamptz,
    due_at timestamptz,
    due_because text NOT NULL,
    message text,
    retry_at timestamptz,
    CHECK (begins < ends),
    UNIQUE (interface, begins)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.05
);

COMMENT ON TABLE hotline.collection_window IS '收集窗口：每个接口的登记时间首尾相接，无缺口；下次运行由此计划';
COMMENT ON COLUMN hotline.collection_window.begins IS '登记时间起点（含）';
COMMENT ON COLUMN hotline.collection_window.ends IS '登记时间终点；查询时两端都含，与相邻窗口重叠一秒';
COMMENT ON COLUMN hotline.collection_window.state IS
'open 尚未取得, settled 已完整取得, incomplete 某一秒超过上限而不完整, failed 最近一次查询失败';
COMMENT ON COLUMN hotline.collection_window.row_count IS '最近一次完整应答的行数；窗口被切分后为空';
COMMENT ON COLUMN hotline.collection_window.request_count IS '最近一次取得所用的请求数';
COMMENT ON COLUMN hotline.collection_window.visited_at IS '最近一次完整应答的查询时间';
COMMENT ON COLUMN hotline.collection_window.due_at IS '自何时起应当再次查询，查询失败不改变它；空值表示不再查询';
COMMENT ON COLUMN hotline.collection_window.due_because IS 'new 新的时间, age 按登记时间远近重查, asked 人工或其他任务要求, failed 上次失败';
COMMENT ON COLUMN hotline.collection_window.message IS '最近一次失败的原因；不含个人信息';
COMMENT ON COLUMN hotline.collection_window.retry_at IS '查询失败后，不早于此时间重试；取得后为空';

CREATE INDEX collection_window_due ON hotline.collection_window (interface, due_at) WHERE due_at IS NOT null;
-- From the index alone where gaps are looked for.
CREATE INDEX collection_window_ends ON hotline.collection_window (interface, ends) INCLUDE (begins);
CREATE INDEX collection_window_asleep ON hotline.collection_window (ends) WHERE due_at IS null;
CREATE INDEX collection_window_incomplete ON hotline.collection_window (interface) WHERE state = 'incomplete';
-- Times that lie ahead of the clock, as it was set back, are found without reading all windows.
CREATE INDEX collection_window_visited ON hotline.collection_window (interface, visited_at);
CREATE INDEX collection_window_asked ON hotline.collection_window (interface, due_at) WHERE due_because <> 'age';

-- Windows follow each other without overlapping, so none before this one reaches beyond the moment.
CREATE FUNCTION hotline.first_window(of_interface text, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(max(w.begins), '-infinity')
FROM hotline.collection_window AS w
WHERE w.interface = first_window.of_interface AND w.begins <= first_window.at
$$;

COMMENT ON FUNCTION hotline.first_window IS '某接口中覆盖某一时刻的收集窗口的起点；没有时为 -infinity';

CREATE TABLE hotline.landing (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    answer_sha256 bytea NOT NULL,
    answer bytea NOT NULL,
    row_count integer NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    requested_at timestamptz NOT NULL,
    seen_count integer NOT NULL DEFAULT 1,
    UNIQUE (interface, answer_sha256)
);

-- Compressing an answer would cost more than all that is done with its rows.
ALTER TABLE hotline.landing ALTER COLUMN answer SET STORAGE EXTERNAL;

COMMENT ON TABLE hotline.landing IS '平台应答的原样字节；同样的应答只存一次';
COMMENT ON COLUMN hotline.landing.requested_at IS '最近一次得到该应答的查询时间';
COMMENT ON COLUMN hotline.landing.seen_count IS '得到同样应答的次数';

CREATE INDEX landing_requested_at ON hotline.landing (requested_at);

CREATE TABLE hotline.drain_fetch (
    interface text PRIMARY KEY,
    fetched_at timestamptz NOT NULL,
    row_count integer NOT NULL
);

COMMENT ON TABLE hotline.drain_fetch IS '待取反馈：每个接口最近一次取数';
COMMENT ON COLUMN hotline.drain_fetch.fetched_at IS '取数时间';
COMMENT ON COLUMN hotline.drain_fetch.row_count IS '取得的行数；0 表示当时没有待取的反馈';

CREATE TABLE hotline.quarantined_answer (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    reasons text [] NOT NULL,
    raw bytea NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replaced', 'discarded', 'released')),
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    window_begin timestamptz,
    window_end timestamptz,
    UNIQUE (interface, key, content_hash)
);

COMMENT ON TABLE hotline.quarantined_answer IS '违反规则而未入表的应答行；原样保存';
COMMENT ON COLUMN hotline.quarantined_answer.key IS '工单编号；没有时为空串；过长时为其开头和散列值，共 200 个字符';
COMMENT ON COLUMN hotline.quarantined_answer.raw IS '该行的 JSON 字节；reasons 为 row:unreadable 的是平台应答中的原样字节';
COMMENT ON COLUMN hotline.quarantined_answer.state IS
'open 待处理, replaced 平台已更正, discarded 已人工作废, released 已人工放行入表';
COMMENT ON COLUMN hotline.quarantined_answer.window_begin IS '查询该行所用窗口的起点；由回执接口取得的为空';
COMMENT ON COLUMN hotline.quarantined_answer.window_end IS '查询该行所用窗口的终点';

CREATE INDEX quarantined_answer_open ON hotline.quarantined_answer (interface, key)
WHERE state = 'open';
CREATE INDEX quarantined_answer_first_seen ON hotline.quarantined_answer (first_seen_at) WHERE state = 'open';
CREATE INDEX quarantined_answer_key ON hotline.quarantined_answer (key);

-- Both kinds of quarantine in one view. A row whose JSON no jsonb can hold (NUL, half of a surrogate pair) shows as text,
-- and so does what is no JSON in UTF-8, with every byte beyond ASCII as an octal number.
CREATE VIEW hotline.quarantine AS
SELECT
    row_id,
    interface,
    key,
    reasons,
    written_at,
    taken_in_at,
    convert_from(body, 'UTF8')::jsonb AS raw,
    CASE WHEN discarded_at IS null THEN 'open' ELSE 'discarded' END AS state
FROM hotline.delivery
WHERE state = 'quarantined'
UNION ALL
SELECT
    row_id,
    interface,
    key,
    reasons,
    last_seen_at AS written_at,
    first_seen_at AS taken_in_at,
    CASE
        WHEN 'row:unreadable' = any(reasons) THEN to_jsonb(encode(raw, 'escape'))
        WHEN
            convert_from(raw, 'UTF8')
            ~ '\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]'
            THEN to_jsonb(convert_from(raw, 'UTF8'))
        ELSE convert_from(raw, 'UTF8')::jsonb
    END AS raw,
    state
FROM hotline.quarantined_answer;

COMMENT ON VIEW hotline.quarantine IS '隔离区：违反规则而未上报的行，和违反规则而未入表的平台应答行';

-- Every order that was collected, with the time by which all windows are drawn.
CREATE VIEW hotline.registered_order AS
SELECT
    regino,
    'complaint' AS kind,
    registime
FROM hotline.complaint_case
UNION ALL
SELECT
    regino,
    'report' AS kind,
    registime
FROM hotline.report_case
UNION ALL
SELECT
    regino,
    'consultation' AS kind,
    registime
FROM hotline.consultation_case;

COMMENT ON VIEW hotline.registered_order IS '已收集的全部工单及其登记时间';

-- An order is closed when its feedback is stored, or the platform returned it, and nothing of it was new for 30 days.
CREATE VIEW hotline.open_order AS
SELECT
    o.regino,
    o.kind,
    o.registime
FROM hotline.registered_order AS o
WHERE
    NOT EXISTS (
        SELECT FROM hotline.returned_case AS r
        WHERE r.odrno = o.regino
    )
    AND NOT EXISTS (
        SELECT FROM hotline.complaint_feedback AS f
        WHERE f.odrno = o.regino AND f.loaded_at < now() - interval '30 days'
    )
    AND NOT EXISTS (
        SELECT FROM hotline.report_feedback AS f
        WHERE f.odrno = o.regino AND f.loaded_at < now() - interval '30 days'
    )
    AND NOT EXISTS (
        SELECT FROM hotline.consultation_feedback AS f
        WHERE f.odrno = o.regino AND f.loaded_at < now() - interval '30 days'
    )
    AND NOT EXISTS (
        SELECT FROM hotline.case_feedback AS f
        WHERE f.region = o.regino AND f.loaded_at < now() - interval '30 days'
    );

COMMENT ON VIEW hotline.open_order IS '未办结的工单：没有反馈，或三十天内仍有新反馈，且未被平台退回';
