-- The state of every limit at a moment. `limit_at` is the last moment that is in time.
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
WITH registered AS (
    SELECT
        o.regino,
        o.kind,
        min(o.registime) AS registime
    FROM hotline.registered_order AS o
    WHERE o.regino IS NOT NULL
    GROUP BY o.regino, o.kind
),

routed AS (
    SELECT DISTINCT ON (r.bh)
        r.bh,
        (r.deadline + time '23:59:59') AT TIME ZONE 'Asia/Shanghai' AS deadline
    FROM hotline.case_routing AS r
    WHERE r.deadline IS NOT NULL
    ORDER BY r.bh ASC, r.zcdate DESC NULLS LAST, r.row_id DESC
),

urged AS (
    SELECT
        u.regino,
        sum(u.urge_count)::bigint AS urge_count,
        max(u.last_urged_at) AS last_urge_at
    FROM (
        SELECT
            p.id AS regino,
            count(*) AS urge_count,
            max(p.cbdate) AS last_urged_at
        FROM hotline.case_urge AS p
        GROUP BY p.id
        UNION ALL
        SELECT
            h.regino,
            h.urge_count,
            h.last_urged_at
        FROM hotline.order_urgency AS h
    ) AS u
    GROUP BY u.regino
),

counted AS (
    SELECT
        o.regino,
        o.kind,
        o.registime,
        l.stage,
        l.clock,
        l.due_soon_days,
        CASE
            WHEN l.stage = 'handling' THEN r.deadline
            ELSE (c.day + time '23:59:59') AT TIME ZONE 'Asia/Shanghai'
        END AS counted_at,
        d.deadline AS hotline_at
    FROM registered AS o
    INNER JOIN hotline.time_limit AS l ON o.kind = l.kind
    LEFT JOIN LATERAL hotline.add_working_days((o.registime AT TIME ZONE 'Asia/Shanghai')::date, l.working_days)
        AS c (day) ON TRUE
    LEFT JOIN routed AS r ON o.regino = r.bh
    LEFT JOIN hotline.current_order_deadline AS d ON o.regino = d.regino
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

limited AS (
    SELECT
        c.*,
        b.base_at,
        x.extended_at,
        y.limit_at,
        CASE c.stage
            WHEN 'acceptance' THEN p.decided_at
            WHEN 'filing' THEN p.filing_decided_at
            ELSE p.closed_at
        END AS ended_at,
        coalesce(u.urge_count, 0) AS urge_count,
        u.last_urge_at
    FROM counted AS c
    -- OFFSET 0 keeps each of these from being written out, and computed, at every place that uses it.
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN c.clock = '12345' AND c.hotline_at IS NOT NULL THEN c.hotline_at
                WHEN c.stage <> 'handling' AND c.counted_at IS NULL THEN NULL
                WHEN c.clock = 'earlier' THEN least(c.counted_at, c.hotline_at)
                ELSE coalesce(c.counted_at, c.hotline_at)
            END AS base_at
        OFFSET 0
    ) AS b
    LEFT JOIN moved ON c.regino = moved.orderid AND c.stage = 'handling'
    LEFT JOIN moved_from
        ON c.regino = moved_from.orderid AND (b.base_at AT TIME ZONE 'Asia/Shanghai')::date = moved_from.olddeadline
    CROSS JOIN LATERAL (
        SELECT
            (coalesce(moved.yqdate, moved_from.yqdate) + time '23:59:59') AT TIME ZONE 'Asia/Shanghai' AS extended_at
        OFFSET 0
    ) AS x
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN c.stage <> 'handling' AND b.base_at IS NULL THEN NULL
                ELSE greatest(b.base_at, x.extended_at)
            END AS limit_at
        OFFSET 0
    ) AS y
    LEFT JOIN hotline.order_progress AS p ON c.regino = p.regino
    LEFT JOIN urged AS u ON c.regino = u.regino
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
        WHEN l.limit_at IS NULL THEN 'unknown'
        WHEN l.limit_at < deadline_states.at THEN 'overdue'
        WHEN coalesce(
            limit_day.workday_number - today.workday_number <= l.due_soon_days,
            l.limit_at <= deadline_states.at + make_interval(days => l.due_soon_days)
        ) THEN 'due_soon'
        ELSE 'open'
    END AS state,
    CASE WHEN l.ended_at IS NULL THEN limit_day.workday_number - today.workday_number END AS working_days_left,
    l.urge_count,
    l.last_urge_at
FROM limited AS l
LEFT JOIN hotline.calendar_day AS limit_day ON (l.limit_at AT TIME ZONE 'Asia/Shanghai')::date = limit_day.day
LEFT JOIN hotline.calendar_day AS today ON (deadline_states.at AT TIME ZONE 'Asia/Shanghai')::date = today.day
WHERE l.stage <> 'handling' OR l.limit_at IS NOT NULL
$$;

COMMENT ON COLUMN hotline.order_deadline_state.state IS
'met 按时, seen_late 时限后才见到, ended 已结束而时限不明, open 未到期, due_soon 即将到期, overdue 已超期, unknown 时限不明';

DROP FUNCTION hotline.judged_deadlines;
