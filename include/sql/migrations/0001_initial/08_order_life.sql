-- The life of an order in one place: one row an event, from every table that knows something of it, without personal data.

-- Its indexes on former contents of the platform.
CREATE INDEX complaint_case_history_regino ON hotline.complaint_case_history (regino);
CREATE INDEX report_case_history_regino ON hotline.report_case_history (regino);
CREATE INDEX consultation_case_history_regino ON hotline.consultation_case_history (regino);
CREATE INDEX complaint_handling_history_bh ON hotline.complaint_handling_history (bh);
CREATE INDEX report_handling_history_bh ON hotline.report_handling_history (bh);

-- Every branch keeps the order's number a plain column, or groups or partitions by it, so that a condition on `regino` reaches
-- the index of each table.
CREATE VIEW hotline.order_life AS

-- 12345: written, noted, limited.
SELECT
    w.regino,
    w.written_at AS at,
    'written' AS event,
    w.kind,
    null::text AS detail,
    'order_source' AS origin,
    true AS is_exact
FROM (
    SELECT
        d.key AS regino,
        hotline.order_kind(d.interface) AS kind,
        min(d.written_at) AS written_at
    FROM hotline.delivery AS d
    WHERE d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
    GROUP BY d.key, d.interface
    UNION
    SELECT
        s.key AS regino,
        hotline.order_kind(s.interface) AS kind,
        s.written_at
    FROM hotline.order_source AS s
) AS w
UNION ALL
SELECT
    s.regino,
    coalesce(hotline.wire_time(s.supplementtime), s.written_at) AS at,
    'supplemented' AS event,
    null AS kind,
    CASE WHEN s.laid_at IS null THEN '工单尚未到达' END AS detail,
    'order_supplement' AS origin,
    true AS is_exact
FROM hotline.order_supplement AS s
WHERE s.is_current
UNION ALL
SELECT
    u.regino,
    coalesce(hotline.wire_time(u.urgetime), u.written_at) AS at,
    'urged' AS event,
    null AS kind,
    '12345 催办' AS detail,
    'order_urge' AS origin,
    true AS is_exact
FROM hotline.order_urge AS u
WHERE u.is_current
UNION ALL
SELECT
    l.regino,
    l.written_at AS at,
    'deadline' AS event,
    null AS kind,
    coalesce('至 ' || to_char(l.deadline AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '无法识别') AS detail,
    'order_deadline' AS origin,
    true AS is_exact
FROM hotline.order_deadline AS l

-- The bridge: taken in, judged, tried, settled.
UNION ALL
SELECT
    v.key AS regino,
    happened.at,
    happened.event,
    hotline.order_kind(v.interface) AS kind,
    happened.detail,
    'delivery' AS origin,
    true AS is_exact
FROM (
    SELECT
        d.key,
        d.interface,
        d.state,
        d.reasons,
        d.code,
        d.taken_in_at,
        d.settled_at,
        d.discarded_at,
        '第 ' || row_number() OVER (PARTITION BY d.key, d.interface ORDER BY d.row_id) || ' 个内容' AS version
    FROM hotline.delivery AS d
    WHERE d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
) AS v
CROSS JOIN
    LATERAL (
        VALUES
        (
            v.taken_in_at,
            'taken_in',
            v.version || CASE v.state WHEN 'waiting' THEN '，待上报' WHEN 'held' THEN '，暂存' ELSE '' END
        ),
        (
            CASE WHEN v.state = 'quarantined' THEN v.taken_in_at END,
            'quarantined',
            v.version || '：' || array_to_string(v.reasons, '；')
        ),
        (v.discarded_at, 'discarded', v.version),
        (
            CASE WHEN v.state IN ('delivered', 'rejected', 'superseded') THEN v.settled_at END,
            v.state,
            v.version || coalesce('，代码 ' || CASE WHEN v.state = 'rejected' THEN left(v.code, 40) END, '')
        )
    ) AS happened (at, event, detail)
WHERE happened.at IS NOT null
UNION ALL
SELECT
    t.key AS regino,
    t.started_at AS at,
    'tried' AS event,
    hotline.order_kind(t.interface) AS kind,
    CASE t.outcome
        WHEN 'delivered' THEN '平台接收'
        WHEN 'duplicate' THEN '平台已有'
        WHEN 'refused' THEN '平台拒绝'
        WHEN 'try_later' THEN '平台暂不能处理'
        WHEN 'no_answer' THEN '没有完整应答'
        WHEN 'unreachable' THEN '无法连接'
        WHEN 'unauthorized' THEN '认证被拒'
        ELSE t.outcome
    END
    || coalesce('，HTTP ' || t.http_status, '') || coalesce('，代码 ' || left(t.code, 40), '') AS detail,
    'interaction_log' AS origin,
    true AS is_exact
FROM hotline.interaction_log AS t
WHERE t.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')

-- The bureau before reporting: audited, completed, decided by hand.
UNION ALL
SELECT
    a.regino,
    a.decided_at AS at,
    CASE a.decision WHEN 'pass' THEN 'passed' ELSE 'returned' END AS event,
    hotline.order_kind(a.interface) AS kind,
    '上报前审核，' || left(a.office, 60) AS detail,
    'order_audit' AS origin,
    true AS is_exact
FROM hotline.order_audit AS a
UNION ALL
SELECT
    c.regino,
    c.completed_at AS at,
    'completed' AS event,
    hotline.order_kind(c.interface) AS kind,
    string_agg(c.field, '、' ORDER BY c.field) AS detail,
    'order_completion' AS origin,
    true AS is_exact
FROM hotline.order_completion AS c
GROUP BY c.regino, c.interface, c.completed_at
UNION ALL
SELECT
    o.key AS regino,
    o.acted_at AS at,
    CASE o.action WHEN 'release' THEN 'released' WHEN 'replay' THEN 'replayed' ELSE 'withdrawn' END AS event,
    hotline.order_kind(o.interface) AS kind,
    null AS detail,
    'operator_action' AS origin,
    true AS is_exact
FROM hotline.operator_action AS o
WHERE
    o.action IN ('release', 'replay', 'withdraw')
    AND o.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')

-- The platform: registered, and first seen by us.
UNION ALL
SELECT
    r.regino,
    max(r.registime) AS at,
    'registered' AS event,
    r.kind,
    null AS detail,
    min(r.origin) AS origin,
    true AS is_exact
FROM (
    SELECT
        regino,
        registime,
        'complaint' AS kind,
        'complaint_order' AS origin
    FROM hotline.complaint_order
    UNION ALL
    SELECT
        regino,
        registime,
        'report' AS kind,
        'report_order' AS origin
    FROM hotline.report_order
    UNION ALL
    SELECT
        regino,
        registime,
        'consultation' AS kind,
        'consultation_order' AS origin
    FROM hotline.consultation_order
    UNION ALL
    SELECT
        regino,
        registime,
        kind,
        'registered_order' AS origin
    FROM hotline.registered_order
) AS r
WHERE r.registime IS NOT null
GROUP BY r.regino, r.kind
UNION ALL
SELECT
    c.regino,
    min(c.loaded_at) AS at,
    'collected' AS event,
    c.kind,
    null AS detail,
    c.kind || '_case' AS origin,
    false AS is_exact
FROM (
    SELECT
        regino,
        loaded_at,
        'complaint' AS kind
    FROM hotline.complaint_case
    UNION ALL
    SELECT
        regino,
        loaded_at,
        'complaint' AS kind
    FROM hotline.complaint_case_history
    UNION ALL
    SELECT
        regino,
        loaded_at,
        'report' AS kind
    FROM hotline.report_case
    UNION ALL
    SELECT
        regino,
        loaded_at,
        'report' AS kind
    FROM hotline.report_case_history
    UNION ALL
    SELECT
        regino,
        loaded_at,
        'consultation' AS kind
    FROM hotline.consultation_case
    UNION ALL
    SELECT
        regino,
        loaded_at,
        'consultation' AS kind
    FROM hotline.consultation_case_history
) AS c
GROUP BY c.regino, c.kind
UNION ALL
SELECT
    q.key AS regino,
    q.first_seen_at AS at,
    'answer_quarantined' AS event,
    null AS kind,
    q.interface || '：' || array_to_string(q.reasons, '；') AS detail,
    'quarantined_answer' AS origin,
    false AS is_exact
FROM hotline.quarantined_answer AS q

-- The bureau's side as the platform shows it.
UNION ALL
SELECT
    f.bh AS regino,
    coalesce(f.zcdate, f.loaded_at) AS at,
    'routed' AS event,
    null AS kind,
    concat_ws('，', left(f.jsdept, 60), '办理期限 ' || f.deadline) AS detail,
    'case_routing' AS origin,
    f.zcdate IS NOT null AS is_exact
FROM hotline.case_routing AS f
UNION ALL
SELECT
    s.bh AS regino,
    s.loaded_at AS at,
    CASE
        WHEN
            s.meaning <> 'other'
            AND row_number() OVER (PARTITION BY s.bh, s.kind, s.meaning ORDER BY s.loaded_at, s.row_id) = 1
            THEN s.meaning
        ELSE 'step'
    END AS event,
    s.kind,
    concat_ws('，', left(s.fqdept, 60), '受理类型 ' || s.slflag) AS detail,
    s.kind || '_handling' AS origin,
    false AS is_exact
FROM (
    SELECT
        h.bh,
        h.kind,
        h.slflag,
        min(h.fqdept) AS fqdept,
        min(h.loaded_at) AS loaded_at,
        min(h.row_id) AS row_id,
        coalesce(named.meaning, other.meaning, 'other') AS meaning
    FROM (
        SELECT
            'complaint' AS kind,
            row_id,
            id,
            bh,
            slflag,
            fqdept,
            loaded_at
        FROM hotline.complaint_handling
        UNION ALL
        SELECT
            'complaint' AS kind,
            row_id,
            id,
            bh,
            slflag,
            fqdept,
            loaded_at
        FROM hotline.complaint_handling_history
        UNION ALL
        SELECT
            'report' AS kind,
            row_id,
            id,
            bh,
            slflag,
            fqdept,
            loaded_at
        FROM hotline.report_handling
        UNION ALL
        SELECT
            'report' AS kind,
            row_id,
            id,
            bh,
            slflag,
            fqdept,
            loaded_at
        FROM hotline.report_handling_history
    ) AS h
    LEFT JOIN hotline.handling_meaning AS named ON h.kind = named.kind AND h.slflag = named.slflag
    LEFT JOIN hotline.handling_meaning AS other ON h.kind = other.kind AND other.slflag = '*'
    GROUP BY h.bh, h.kind, coalesce(h.id, h.row_id::text), h.slflag, coalesce(named.meaning, other.meaning, 'other')
) AS s
UNION ALL
SELECT
    e.orderid AS regino,
    coalesce(e.spdate, e.sqdate::timestamp AT TIME ZONE 'Asia/Shanghai', e.loaded_at) AS at,
    CASE WHEN e.spdate IS null THEN 'extension_requested' ELSE 'extended' END AS event,
    null AS kind,
    concat_ws('，', left(e.state, 20), e.olddeadline || ' 延至 ' || e.yqdate) AS detail,
    'case_extension' AS origin,
    e.spdate IS NOT null AS is_exact
FROM hotline.case_extension AS e
UNION ALL
SELECT
    u.id AS regino,
    coalesce(u.cbdate, u.loaded_at) AS at,
    'urged' AS event,
    null AS kind,
    concat_ws('，', '平台催办', left(u.bdbdept, 60)) AS detail,
    'case_urge' AS origin,
    u.cbdate IS NOT null AS is_exact
FROM hotline.case_urge AS u
UNION ALL
SELECT
    b.odrno AS regino,
    coalesce(b.updatetime, b.loaded_at) AS at,
    'returned' AS event,
    null AS kind,
    concat_ws('，', '平台审核', left(b.handdept, 60)) AS detail,
    'returned_case' AS origin,
    b.updatetime IS NOT null AS is_exact
FROM hotline.returned_case AS b
UNION ALL
SELECT
    f.odrno AS regino,
    f.loaded_at AS at,
    'feedback' AS event,
    f.kind,
    left(f.handdept, 60) AS detail,
    f.kind || '_feedback' AS origin,
    false AS is_exact
FROM (
    SELECT
        odrno,
        handdept,
        loaded_at,
        'complaint' AS kind
    FROM hotline.complaint_feedback
    UNION ALL
    SELECT
        odrno,
        handdept,
        loaded_at,
        'report' AS kind
    FROM hotline.report_feedback
    UNION ALL
    SELECT
        odrno,
        handdept,
        loaded_at,
        'consultation' AS kind
    FROM hotline.consultation_feedback
) AS f
UNION ALL
SELECT
    f.region AS regino,
    coalesce(f.feetime, f.loaded_at) AS at,
    'feedback' AS event,
    null AS kind,
    left(f.feedbackarea, 60) AS detail,
    'case_feedback' AS origin,
    f.feetime IS NOT null AS is_exact
FROM hotline.case_feedback AS f;

COMMENT ON VIEW hotline.order_life IS '每个工单的全过程：每个事件一行，不含个人信息；按 regino 查询';
COMMENT ON COLUMN hotline.order_life.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_life.at IS '发生时间';
COMMENT ON COLUMN hotline.order_life.event IS
'written 12345 写入, registered 登记, taken_in 取入, quarantined 隔离, discarded 放弃, released 放行, replayed 重报, passed 审核通过,
returned 退回, completed 补全, withdrawn 撤销补全, supplemented 补单, urged 催办, deadline 处理时限, tried 发送, delivered 已上报,
rejected 平台拒绝, superseded 已被取代, collected 平台建档, answer_quarantined 平台数据隔离, routed 流转, accepted 受理,
refused 不受理, filed 立案, not_filed 不予立案, step 办理, extension_requested 申请延期, extended 延期, feedback 反馈';
COMMENT ON COLUMN hotline.order_life.kind IS 'complaint 投诉, report 举报, consultation 咨询；空值为来源未区分类型';
COMMENT ON COLUMN hotline.order_life.detail IS '说明，不含个人信息';
COMMENT ON COLUMN hotline.order_life.origin IS '来源表';
COMMENT ON COLUMN hotline.order_life.is_exact IS '是否为来源所给的时间；否为本系统首次取得的时间';
