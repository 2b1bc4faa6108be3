-- Time limits in working days (specification 4.2.10, 4.2.11, 4.6): the calendar, the limits, what handling steps mean, the
-- deadlines that 12345 set, and the state of every limit of every order.

CREATE TABLE hotline.calendar_day (
    day date PRIMARY KEY,
    is_workday boolean NOT NULL,
    workday_number integer NOT NULL,
    name text,
    source text NOT NULL
);

COMMENT ON TABLE hotline.calendar_day IS '工作日历；没有数据的年份不推算';
COMMENT ON COLUMN hotline.calendar_day.is_workday IS '是否工作日（含调休上班）';
COMMENT ON COLUMN hotline.calendar_day.workday_number IS '从首日到当日（含）的工作日累计数';
COMMENT ON COLUMN hotline.calendar_day.name IS '节假日或调休名称';
COMMENT ON COLUMN hotline.calendar_day.source IS '来源';

CREATE INDEX calendar_day_workday ON hotline.calendar_day (workday_number) INCLUDE (day) WHERE is_workday;

CREATE TABLE hotline.time_limit (
    stage text NOT NULL CHECK (stage IN ('acceptance', 'filing', 'handling')),
    kind text NOT NULL CHECK (kind IN ('complaint', 'report', 'consultation')),
    working_days integer CHECK (working_days > 0),
    due_soon_days integer NOT NULL CHECK (due_soon_days >= 0),
    clock text NOT NULL CHECK (clock IN ('earlier', 'ours', '12345')),
    source text NOT NULL,
    source_date date NOT NULL,
    PRIMARY KEY (stage, kind),
    CHECK ((stage = 'handling') = (working_days IS null))
);

COMMENT ON TABLE hotline.time_limit IS '处理时限：阶段与工单类型';
COMMENT ON COLUMN hotline.time_limit.stage IS 'acceptance 受理, filing 立案, handling 办理';
COMMENT ON COLUMN hotline.time_limit.working_days IS '工作日数；空表示平台给出的办理期限';
COMMENT ON COLUMN hotline.time_limit.due_soon_days IS '提前几个工作日提醒';
COMMENT ON COLUMN hotline.time_limit.clock IS '以谁为准：earlier 较早者, ours 本规范, 12345 热线的时限';

CREATE TABLE hotline.handling_meaning (
    kind text NOT NULL CHECK (kind IN ('complaint', 'report')),
    slflag text NOT NULL,
    meaning text NOT NULL CHECK (meaning IN ('accepted', 'refused', 'filed', 'not_filed', 'other')),
    source text NOT NULL,
    source_date date NOT NULL,
    PRIMARY KEY (kind, slflag)
);

COMMENT ON TABLE hotline.handling_meaning IS '办理步骤代码 slflag 的含义；规范未列出代码';
COMMENT ON COLUMN hotline.handling_meaning.slflag IS '代码；* 为未列出的其他代码';
COMMENT ON COLUMN hotline.handling_meaning.meaning IS
'accepted 受理, refused 不受理, filed 立案, not_filed 不予立案, other 其他';

CREATE TABLE hotline.order_deadline (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    regino text NOT NULL,
    deadline timestamptz,
    deadline_text text,
    written_at timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (regino, written_at, deadline_text)
);

COMMENT ON TABLE hotline.order_deadline IS '12345 给出的处理时限（4.6），每次更改一行；未知工单的也保留';
COMMENT ON COLUMN hotline.order_deadline.regino IS '工单编号；没有时为空串；过长时只留前 200 个字符';
COMMENT ON COLUMN hotline.order_deadline.deadline IS '处理时限的最后一刻；只有日期时为当日末；读不出时为空';
COMMENT ON COLUMN hotline.order_deadline.deadline_text IS '原文；过长时只留前 100 个字符';
COMMENT ON COLUMN hotline.order_deadline.written_at IS '12345 写入的时间';

-- The deadline that holds for an order: the one written last, among those that can be read.
CREATE VIEW hotline.current_order_deadline AS
SELECT DISTINCT ON (regino)
    regino,
    deadline,
    written_at
FROM hotline.order_deadline
WHERE deadline IS NOT null AND regino <> ''
ORDER BY regino ASC, written_at DESC, row_id DESC;

COMMENT ON VIEW hotline.current_order_deadline IS '每个工单现行的 12345 处理时限';

-- The day that lies a number of working days after another, which itself does not count; no row where the calendar ends.
-- With 0: the day itself, or the last working day before it. As a set, so that the planner can take it into a query.
CREATE FUNCTION hotline.add_working_days(from_day date, days integer) RETURNS SETOF date
LANGUAGE sql STABLE AS $$
    SELECT later.day
    FROM hotline.calendar_day AS start
    INNER JOIN hotline.calendar_day AS later ON start.workday_number + days = later.workday_number
    WHERE start.day = from_day AND later.is_workday
$$;

COMMENT ON FUNCTION hotline.add_working_days IS '某日之后第 N 个工作日；当日不计；日历没有数据时无结果';

-- Every current handling step with its meaning.
CREATE VIEW hotline.handling_step AS
SELECT
    step.row_id,
    step.kind,
    step.regino,
    step.id,
    step.slflag,
    step.fqdept,
    step.fqr,
    step.remark,
    step.requested_at,
    step.loaded_at,
    coalesce(named.meaning, other.meaning, 'other') AS meaning
FROM (
    SELECT
        row_id,
        'complaint' AS kind,
        bh AS regino,
        id,
        slflag,
        fqdept,
        fqr,
        remark,
        requested_at,
        loaded_at
    FROM hotline.complaint_handling
    UNION ALL
    SELECT
        row_id,
        'report' AS kind,
        bh AS regino,
        id,
        slflag,
        fqdept,
        fqr,
        remark,
        requested_at,
        loaded_at
    FROM hotline.report_handling
) AS step
LEFT JOIN hotline.handling_meaning AS named ON step.kind = named.kind AND step.slflag = named.slflag
LEFT JOIN hotline.handling_meaning AS other ON step.kind = other.kind AND other.slflag = '*';

COMMENT ON VIEW hotline.handling_step IS '办理步骤及其含义；平台不给出步骤的时间，loaded_at 是首次取得的时间';

-- When each order was decided, filed, and closed, as far as it is known. Steps carry no time: they count from when they were
-- first seen, those that were replaced since included.
CREATE VIEW hotline.order_progress AS
WITH step AS (
    SELECT
        'complaint' AS kind,
        bh,
        slflag,
        loaded_at
    FROM hotline.complaint_handling
    UNION ALL
    SELECT
        'complaint' AS kind,
        bh,
        slflag,
        loaded_at
    FROM hotline.complaint_handling_history
    UNION ALL
    SELECT
        'report' AS kind,
        bh,
        slflag,
        loaded_at
    FROM hotline.report_handling
    UNION ALL
    SELECT
        'report' AS kind,
        bh,
        slflag,
        loaded_at
    FROM hotline.report_handling_history
),

event AS (
    SELECT
        step.bh AS regino,
        coalesce(named.meaning, other.meaning, 'other') AS what,
        step.loaded_at AS happened_at
    FROM step
    LEFT JOIN hotline.handling_meaning AS named ON step.kind = named.kind AND step.slflag = named.slflag
    LEFT JOIN hotline.handling_meaning AS other ON step.kind = other.kind AND other.slflag = '*'
    UNION ALL
    SELECT
        odrno AS regino,
        'closed' AS what,
        loaded_at AS happened_at
    FROM hotline.complaint_feedback
    UNION ALL
    SELECT
        odrno AS regino,
        'closed' AS what,
        loaded_at AS happened_at
    FROM hotline.report_feedback
    UNION ALL
    SELECT
        odrno AS regino,
        'closed' AS what,
        loaded_at AS happened_at
    FROM hotline.consultation_feedback
    UNION ALL
    SELECT
        region AS regino,
        'closed' AS what,
        coalesce(feetime, loaded_at) AS happened_at
    FROM hotline.case_feedback
    UNION ALL
    SELECT
        odrno AS regino,
        'closed' AS what,
        coalesce(updatetime, loaded_at) AS happened_at
    FROM hotline.returned_case
    UNION ALL
    SELECT
        regino,
        'closed' AS what,
        coalesce(registime, loaded_at) AS happened_at
    FROM hotline.consultation_case
    WHERE replyonsite = '1'
)

SELECT
    regino,
    min(happened_at) FILTER (WHERE what IN ('accepted', 'refused', 'filed', 'not_filed', 'closed')) AS decided_at,
    min(happened_at) FILTER (WHERE what IN ('refused', 'filed', 'not_filed', 'closed')) AS filing_decided_at,
    min(happened_at) FILTER (WHERE what IN ('refused', 'closed')) AS closed_at
FROM event
WHERE regino IS NOT null
GROUP BY regino;

COMMENT ON VIEW hotline.order_progress IS '每个工单何时有受理决定、立案决定、办结；步骤没有时间，按首次取得计';

-- The state of every limit at a moment: of all orders, or of those that nothing ended yet (no feedback, no return, no answer on
-- site). `limit_at` is the last moment that is in time. Each table is asked by order, so that a few orders cost little.
CREATE FUNCTION hotline.judged_deadlines(at timestamptz, only_open boolean) RETURNS TABLE (
    regino text,
    kind text,
    stage text,
    registime timestamptz,
    counted_at timestamptz,
    hotline_at timestamptz,
    extended_at timestamptz,
    limit_at timestamptz,
    limit_source text,
    ended_at timestamptz,
    state text,
    working_days_left integer,
    urge_count bigint,
    last_urge_at timestamptz
)
LANGUAGE sql STABLE AS $$
WITH known AS NOT MATERIALIZED (
    SELECT
        c.regino,
        'complaint' AS kind,
        c.registime,
        c.missing_since,
        FALSE AS answered
    FROM hotline.complaint_case AS c
    UNION ALL
    SELECT
        c.regino,
        'report' AS kind,
        c.registime,
        c.missing_since,
        FALSE AS answered
    FROM hotline.report_case AS c
    UNION ALL
    SELECT
        c.regino,
        'consultation' AS kind,
        c.registime,
        c.missing_since,
        coalesce(c.replyonsite = '1', FALSE) AS answered
    FROM hotline.consultation_case AS c
),

registered AS (
    SELECT
        k.regino,
        k.kind,
        min(k.registime) AS registime,
        bool_and(k.missing_since IS NOT NULL) AS is_withdrawn
    FROM known AS k
    WHERE k.regino IS NOT NULL
    GROUP BY k.regino, k.kind
),

registered_open AS (
    SELECT
        k.regino,
        k.kind,
        min(k.registime) AS registime,
        bool_and(k.missing_since IS NOT NULL) AS is_withdrawn
    FROM known AS k
    WHERE
        k.regino IS NOT NULL
        AND NOT k.answered
        AND NOT EXISTS (SELECT FROM hotline.complaint_feedback AS f WHERE f.odrno = k.regino)
        AND NOT EXISTS (SELECT FROM hotline.report_feedback AS f WHERE f.odrno = k.regino)
        AND NOT EXISTS (SELECT FROM hotline.consultation_feedback AS f WHERE f.odrno = k.regino)
        AND NOT EXISTS (SELECT FROM hotline.case_feedback AS f WHERE f.region = k.regino)
        AND NOT EXISTS (SELECT FROM hotline.returned_case AS r WHERE r.odrno = k.regino)
    GROUP BY k.regino, k.kind
),

routed AS NOT MATERIALIZED (
    SELECT DISTINCT ON (r.bh)
        r.bh,
        r.deadline
    FROM hotline.case_routing AS r
    WHERE r.deadline IS NOT NULL
    ORDER BY r.bh ASC, r.zcdate DESC NULLS LAST, r.row_id DESC
),

urged AS NOT MATERIALIZED (
    SELECT
        u.id,
        count(*) AS urge_count,
        max(u.cbdate) AS last_urge_at
    FROM hotline.case_urge AS u
    GROUP BY u.id
),

moved AS (
    SELECT
        e.orderid,
        max(e.yqdate) AS yqdate
    FROM hotline.case_extension AS e
    WHERE e.spdate IS NOT NULL
    GROUP BY e.orderid
),

moved_from AS (
    SELECT
        e.orderid,
        e.olddeadline,
        max(e.yqdate) AS yqdate
    FROM hotline.case_extension AS e
    WHERE e.spdate IS NOT NULL
    GROUP BY e.orderid, e.olddeadline
),

-- What is known of each order: of all by whole tables, of the few open ones through indexes. The planner drops the branch that
-- was not asked for. OFFSET 0 keeps a lookup from being written out, and repeated, at every place that uses it.
found AS (
    SELECT
        o.*,
        r.deadline AS routed_until,
        d.deadline AS hotline_at,
        p.decided_at,
        p.filing_decided_at,
        p.closed_at,
        u.urge_count AS platform_urges,
        u.last_urge_at AS platform_urged_at
    FROM registered AS o
    LEFT JOIN routed AS r ON o.regino = r.bh
    LEFT JOIN hotline.current_order_deadline AS d ON o.regino = d.regino
    LEFT JOIN hotline.order_progress AS p ON o.regino = p.regino
    LEFT JOIN urged AS u ON o.regino = u.id
    WHERE NOT judged_deadlines.only_open
    UNION ALL
    SELECT
        o.*,
        r.deadline AS routed_until,
        d.deadline AS hotline_at,
        p.decided_at,
        p.filing_decided_at,
        p.closed_at,
        u.urge_count AS platform_urges,
        u.last_urge_at AS platform_urged_at
    FROM registered_open AS o
    LEFT JOIN LATERAL (SELECT n.deadline FROM routed AS n WHERE n.bh = o.regino OFFSET 0) AS r ON TRUE
    LEFT JOIN LATERAL (
        SELECT n.deadline FROM hotline.current_order_deadline AS n
        WHERE n.regino = o.regino
        OFFSET 0
    ) AS d ON TRUE
    LEFT JOIN LATERAL (
        SELECT n.* FROM hotline.order_progress AS n
        WHERE n.regino = o.regino
        OFFSET 0
    ) AS p ON TRUE
    LEFT JOIN LATERAL (SELECT n.* FROM urged AS n WHERE n.id = o.regino OFFSET 0) AS u ON TRUE
    WHERE judged_deadlines.only_open
),

limited AS (
    SELECT
        o.regino,
        o.kind,
        o.registime,
        o.is_withdrawn,
        l.stage,
        l.due_soon_days,
        n.counted_at,
        o.hotline_at,
        b.base_at,
        x.extended_at,
        y.limit_at,
        CASE l.stage
            WHEN 'acceptance' THEN o.decided_at
            WHEN 'filing' THEN o.filing_decided_at
            ELSE o.closed_at
        END AS ended_at,
        coalesce(o.platform_urges, 0) + coalesce(h.urge_count, 0) AS urge_count,
        greatest(o.platform_urged_at, h.last_urged_at) AS last_urge_at
    FROM found AS o
    INNER JOIN hotline.time_limit AS l ON o.kind = l.kind
    LEFT JOIN hotline.order_urgency AS h ON o.regino = h.regino
    LEFT JOIN LATERAL hotline.add_working_days((o.registime AT TIME ZONE 'Asia/Shanghai')::date, l.working_days)
        AS c (day) ON TRUE
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN l.stage = 'handling' THEN (o.routed_until + time '23:59:59') AT TIME ZONE 'Asia/Shanghai'
                ELSE (c.day + time '23:59:59') AT TIME ZONE 'Asia/Shanghai'
            END AS counted_at
        OFFSET 0
    ) AS n
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN l.clock = '12345' AND o.hotline_at IS NOT NULL THEN o.hotline_at
                WHEN l.stage <> 'handling' AND n.counted_at IS NULL THEN NULL
                WHEN l.clock = 'earlier' THEN least(n.counted_at, o.hotline_at)
                ELSE coalesce(n.counted_at, o.hotline_at)
            END AS base_at
        OFFSET 0
    ) AS b
    LEFT JOIN moved ON o.regino = moved.orderid AND l.stage = 'handling'
    LEFT JOIN moved_from
        ON o.regino = moved_from.orderid AND (b.base_at AT TIME ZONE 'Asia/Shanghai')::date = moved_from.olddeadline
    CROSS JOIN LATERAL (
        SELECT
            (coalesce(moved.yqdate, moved_from.yqdate) + time '23:59:59') AT TIME ZONE 'Asia/Shanghai' AS extended_at
        OFFSET 0
    ) AS x
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN l.stage <> 'handling' AND b.base_at IS NULL THEN NULL
                ELSE greatest(b.base_at, x.extended_at)
            END AS limit_at
        OFFSET 0
    ) AS y
)

SELECT
    l.regino,
    l.kind,
    l.stage,
    l.registime,
    l.counted_at,
    l.hotline_at,
    l.extended_at,
    l.limit_at,
    CASE
        WHEN l.limit_at IS NULL THEN NULL
        WHEN l.base_at IS NULL OR l.extended_at > l.base_at THEN 'extension'
        WHEN l.base_at IS NOT DISTINCT FROM l.counted_at
            THEN CASE l.stage WHEN 'handling' THEN 'platform' ELSE 'working_days' END
        ELSE '12345'
    END AS limit_source,
    l.ended_at,
    CASE
        WHEN l.ended_at <= l.limit_at THEN 'met'
        WHEN l.ended_at > l.limit_at THEN 'seen_late'
        WHEN l.ended_at IS NOT NULL THEN 'ended'
        WHEN l.is_withdrawn THEN 'withdrawn'
        WHEN l.limit_at IS NULL THEN 'unknown'
        WHEN l.limit_at < judged_deadlines.at THEN 'overdue'
        WHEN coalesce(
            limit_day.workday_number - today.workday_number <= l.due_soon_days,
            l.limit_at <= judged_deadlines.at + make_interval(days => l.due_soon_days)
        ) THEN 'due_soon'
        ELSE 'open'
    END AS state,
    CASE WHEN l.ended_at IS NULL AND NOT l.is_withdrawn THEN limit_day.workday_number - today.workday_number END AS working_days_left,
    l.urge_count,
    l.last_urge_at
FROM limited AS l
LEFT JOIN hotline.calendar_day AS limit_day ON (l.limit_at AT TIME ZONE 'Asia/Shanghai')::date = limit_day.day
LEFT JOIN hotline.calendar_day AS today ON (judged_deadlines.at AT TIME ZONE 'Asia/Shanghai')::date = today.day
WHERE l.stage <> 'handling' OR l.limit_at IS NOT NULL
$$;

COMMENT ON FUNCTION hotline.judged_deadlines IS '某一时刻各阶段时限的状态：全部工单，或仅未办结的工单';

CREATE FUNCTION hotline.deadline_states(at timestamptz) RETURNS TABLE (
    regino text,
    kind text,
    stage text,
    registime timestamptz,
    counted_at timestamptz,
    hotline_at timestamptz,
    extended_at timestamptz,
    limit_at timestamptz,
    limit_source text,
    ended_at timestamptz,
    state text,
    working_days_left integer,
    urge_count bigint,
    last_urge_at timestamptz
)
LANGUAGE sql STABLE AS $$
SELECT s.* FROM hotline.judged_deadlines(deadline_states.at, FALSE) AS s
$$;

COMMENT ON FUNCTION hotline.deadline_states IS '某一时刻全部工单各阶段时限的状态';

CREATE VIEW hotline.order_deadline_state AS
SELECT
    s.regino,
    s.kind,
    s.stage,
    s.registime,
    s.counted_at,
    s.hotline_at,
    s.extended_at,
    s.limit_at,
    s.limit_source,
    s.ended_at,
    s.state,
    s.working_days_left,
    s.urge_count,
    s.last_urge_at
FROM hotline.deadline_states(now()) AS s;

COMMENT ON VIEW hotline.order_deadline_state IS '全部工单各阶段时限的现状；每个工单每个阶段一行';
COMMENT ON COLUMN hotline.order_deadline_state.stage IS 'acceptance 受理, filing 立案, handling 办理';
COMMENT ON COLUMN hotline.order_deadline_state.counted_at IS '按工作日计算的时限；办理阶段为平台给出的办理期限';
COMMENT ON COLUMN hotline.order_deadline_state.hotline_at IS '12345 给出的处理时限';
COMMENT ON COLUMN hotline.order_deadline_state.extended_at IS '批准延期至';
COMMENT ON COLUMN hotline.order_deadline_state.limit_at IS '现行时限的最后一刻；空表示日历缺该年数据或没有登记时间';
COMMENT ON COLUMN hotline.order_deadline_state.limit_source IS
'时限来源：working_days 工作日, platform 平台办理期限, 12345 热线时限, extension 延期';
COMMENT ON COLUMN hotline.order_deadline_state.ended_at IS '该阶段结束；平台不给时间的按首次取得计';
COMMENT ON COLUMN hotline.order_deadline_state.state IS
'met 按时, seen_late 时限后才见到, ended 已结束而时限不明, withdrawn 平台不再显示, open 未到期, due_soon 即将到期, overdue 已超期, '
'unknown 时限不明';
COMMENT ON COLUMN hotline.order_deadline_state.working_days_left IS '剩余工作日；负数为已超过的';
COMMENT ON COLUMN hotline.order_deadline_state.urge_count IS '催办次数';
