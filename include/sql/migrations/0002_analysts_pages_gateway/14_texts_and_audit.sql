-- Free text of orders, scrubbed, and what auditors read. Both have rights of their own (contract/personal.yaml).

-- Who and where is named in the records of an order: what is to be taken out of its texts.
CREATE VIEW hotline.order_person AS
SELECT
    t.region AS regino,
    named.value
FROM hotline.case_feedback AS t
CROSS JOIN LATERAL (VALUES (t.feedbackname)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.complaint_order AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.invoptcontact), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.report_order AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.invoptcontact), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.consultation_order AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.complaint_case AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.report_case AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.regino,
    named.value
FROM hotline.consultation_case AS t
CROSS JOIN LATERAL (VALUES (t.accepregname), (t.proname), (t.proaddr)) AS named (value)
UNION ALL
SELECT
    t.odrno AS regino,
    named.value
FROM hotline.returned_case AS t
CROSS JOIN LATERAL (VALUES (t.agent)) AS named (value)
UNION ALL
SELECT
    t.bh AS regino,
    named.value
FROM hotline.case_routing AS t
CROSS JOIN LATERAL (VALUES (t.flfqr)) AS named (value)
UNION ALL
SELECT
    t.bh AS regino,
    named.value
FROM hotline.complaint_handling AS t
CROSS JOIN LATERAL (VALUES (t.fqr)) AS named (value)
UNION ALL
SELECT
    t.bh AS regino,
    named.value
FROM hotline.report_handling AS t
CROSS JOIN LATERAL (VALUES (t.fqr)) AS named (value)
UNION ALL
SELECT
    t.orderid AS regino,
    named.value
FROM hotline.case_extension AS t
CROSS JOIN LATERAL (VALUES (t.sqr)) AS named (value)
UNION ALL
SELECT
    t.id AS regino,
    named.value
FROM hotline.case_urge AS t
CROSS JOIN LATERAL (VALUES (t.cbr), (t.jsr)) AS named (value)
UNION ALL
SELECT
    t.odrno AS regino,
    named.value
FROM hotline.complaint_feedback AS t
CROSS JOIN LATERAL (VALUES (t.agent)) AS named (value)
UNION ALL
SELECT
    t.odrno AS regino,
    named.value
FROM hotline.report_feedback AS t
CROSS JOIN LATERAL (VALUES (t.agent)) AS named (value)
UNION ALL
SELECT
    t.odrno AS regino,
    named.value
FROM hotline.consultation_feedback AS t
CROSS JOIN LATERAL (VALUES (t.agent)) AS named (value);

COMMENT ON VIEW hotline.order_person IS '工单各记录中出现的姓名和地址，一行一个；自由文本脱敏时隐去';
COMMENT ON COLUMN hotline.order_person.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_person.value IS '姓名或地址';

CREATE VIEW analytics.order_text AS
SELECT
    o.regino,
    o.kind,
    (o.registime AT TIME ZONE 'Asia/Shanghai')::date AS day,
    hotline.scrub_text(o.content, person.names) AS content,
    hotline.scrub_text(o.claim, person.names) AS claim,
    hotline.scrub_text(coalesce(o.reply, answered.reply), person.names) AS reply
FROM (
    SELECT
        regino,
        'complaint' AS kind,
        registime,
        complacontent AS content,
        applcontent AS claim,
        null::text AS reply
    FROM hotline.complaint_order
    UNION ALL
    SELECT
        c.regino,
        'complaint' AS kind,
        c.registime,
        c.complacontent AS content,
        c.applcontent AS claim,
        null::text AS reply
    FROM hotline.complaint_case AS c
    WHERE
        NOT EXISTS (
            SELECT FROM hotline.complaint_order AS ours
            WHERE ours.regino = c.regino
        )
    UNION ALL
    SELECT
        regino,
        'report' AS kind,
        registime,
        complacontent AS content,
        null AS claim,
        null AS reply
    FROM hotline.report_order
    UNION ALL
    SELECT
        c.regino,
        'report' AS kind,
        c.registime,
        c.complacontent AS content,
        null AS claim,
        null AS reply
    FROM hotline.report_case AS c
    WHERE
        NOT EXISTS (
            SELECT FROM hotline.report_order AS ours
            WHERE ours.regino = c.regino
        )
    UNION ALL
    SELECT
        regino,
        'consultation' AS kind,
        registime,
        complacontent AS content,
        null AS claim,
        replycontent AS reply
    FROM hotline.consultation_order
    UNION ALL
    SELECT
        c.regino,
        'consultation' AS kind,
        c.registime,
        c.complacontent AS content,
        null AS claim,
        c.replycontent AS reply
    FROM hotline.consultation_case AS c
    WHERE
        NOT EXISTS (
            SELECT FROM hotline.consultation_order AS ours
            WHERE ours.regino = c.regino
        )
) AS o
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT p.value) AS names
    FROM hotline.order_person AS p
    WHERE p.regino = o.regino AND p.value IS NOT null
) AS person ON true
LEFT JOIN LATERAL (
    SELECT feedback.reply
    FROM (
        SELECT
            odrno,
            dealresult AS reply,
            requested_at
        FROM hotline.complaint_feedback
        UNION ALL
        SELECT
            odrno,
            concat_ws(E'\n', nullif(investresult, ''), dealresult) AS reply,
            requested_at
        FROM hotline.report_feedback
        UNION ALL
        SELECT
            odrno,
            dealresult AS reply,
            requested_at
        FROM hotline.consultation_feedback
    ) AS feedback
    WHERE feedback.odrno = o.regino
    ORDER BY feedback.requested_at DESC, feedback.reply ASC
    LIMIT 1
) AS answered ON true;

COMMENT ON VIEW analytics.order_text IS '工单文本：每个工单一行，已隐去姓名、号码、地址等；需专门授权';
COMMENT ON COLUMN analytics.order_text.regino IS '工单编号';
COMMENT ON COLUMN analytics.order_text.kind IS '类型：complaint 投诉, report 举报, consultation 咨询';
COMMENT ON COLUMN analytics.order_text.day IS '登记日期（北京时间）';
COMMENT ON COLUMN analytics.order_text.content IS '投诉、举报或咨询内容（已脱敏）';
COMMENT ON COLUMN analytics.order_text.claim IS '诉求内容（已脱敏）；只有投诉有';
COMMENT ON COLUMN analytics.order_text.reply IS '答复：现场答复，否则最近一次反馈的处理结果（已脱敏）';

CREATE VIEW analytics.audit_trail AS
SELECT
    a.acted_at,
    a.actor,
    a.action,
    a.interface,
    a.key,
    a.state_before,
    a.state_after,
    hotline.scrub_text(a.reason, person.names) AS reason
FROM hotline.operator_action AS a
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT p.value) AS names
    FROM hotline.order_person AS p
    WHERE p.regino = a.key AND p.value IS NOT null
) AS person ON true;

COMMENT ON VIEW analytics.audit_trail IS '人工处置记录：每次处置一行，谁、何时、对什么、为何';
COMMENT ON COLUMN analytics.audit_trail.acted_at IS '处置时间';
COMMENT ON COLUMN analytics.audit_trail.actor IS '操作账号';
COMMENT ON COLUMN analytics.audit_trail.action IS '处置';
COMMENT ON COLUMN analytics.audit_trail.interface IS '接口';
COMMENT ON COLUMN analytics.audit_trail.key IS '业务主键，如工单编号';
COMMENT ON COLUMN analytics.audit_trail.state_before IS '处置前的状态';
COMMENT ON COLUMN analytics.audit_trail.state_after IS '处置后的状态';
COMMENT ON COLUMN analytics.audit_trail.reason IS '原因（已隐去姓名、号码）';

CREATE VIEW analytics.exchange AS
SELECT
    started_at,
    interface,
    key,
    attempt,
    outcome,
    http_status,
    code,
    elapsed_ms,
    encode(body_sha256, 'hex') AS body_sha256
FROM hotline.interaction_log;

COMMENT ON VIEW analytics.exchange IS '交互日志：与平台的每次调用一行，不含报文';
COMMENT ON COLUMN analytics.exchange.started_at IS '调用开始的时间';
COMMENT ON COLUMN analytics.exchange.interface IS '接口';
COMMENT ON COLUMN analytics.exchange.key IS '业务主键，如工单编号';
COMMENT ON COLUMN analytics.exchange.attempt IS '第几次发送';
COMMENT ON COLUMN analytics.exchange.outcome IS '结果';
COMMENT ON COLUMN analytics.exchange.http_status IS 'HTTP 状态码';
COMMENT ON COLUMN analytics.exchange.code IS '平台的返回代码';
COMMENT ON COLUMN analytics.exchange.elapsed_ms IS '耗时（毫秒）';
COMMENT ON COLUMN analytics.exchange.body_sha256 IS '所发报文的 SHA-256';

CREATE VIEW analytics.reconciliation_check AS
SELECT
    checked_at,
    day,
    kind,
    docking_count,
    delivered_count,
    platform_count,
    local_count,
    explained,
    unexplained,
    state,
    repair
FROM hotline.count_reconciliation;

COMMENT ON VIEW analytics.reconciliation_check IS '对账：每次核对每天每类一行';
COMMENT ON COLUMN analytics.reconciliation_check.checked_at IS '核对时间';
COMMENT ON COLUMN analytics.reconciliation_check.day IS '工单的登记日期；话务日志为写入日期';
COMMENT ON COLUMN analytics.reconciliation_check.kind IS '类别';
COMMENT ON COLUMN analytics.reconciliation_check.docking_count IS '对接库中的数量';
COMMENT ON COLUMN analytics.reconciliation_check.delivered_count IS '已上报的数量';
COMMENT ON COLUMN analytics.reconciliation_check.platform_count IS '平台的数量';
COMMENT ON COLUMN analytics.reconciliation_check.local_count IS '本地已收集的数量';
COMMENT ON COLUMN analytics.reconciliation_check.explained IS '可以解释的差异';
COMMENT ON COLUMN analytics.reconciliation_check.unexplained IS '不能解释的差异';
COMMENT ON COLUMN analytics.reconciliation_check.state IS '状态';
COMMENT ON COLUMN analytics.reconciliation_check.repair IS '此前所做的修复';
