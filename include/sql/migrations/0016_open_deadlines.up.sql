-- Limits of open orders are judged order by order through indexes, and an order that the platform stopped showing is withdrawn.

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

CREATE OR REPLACE FUNCTION hotline.deadline_states(at timestamptz) RETURNS TABLE (
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

COMMENT ON COLUMN hotline.order_deadline_state.state IS
'met 按时, seen_late 时限后才见到, ended 已结束而时限不明, withdrawn 平台不再显示, open 未到期, due_soon 即将到期, overdue 已超期, '
'unknown 时限不明';
