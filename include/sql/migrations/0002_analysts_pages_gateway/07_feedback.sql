-- Feedback: one row a feedback, though two interfaces give it, and ready to be asked over years.

-- The feedback of 4.2.5 and that of 4.8.2.1.7 are two sets of interfaces for one subject, and share no number but the order's:
-- the same words of the same order are one feedback. Where they come several times, the first of one is the first of the other.
CREATE VIEW hotline.feedback AS
SELECT
    n.regino,
    coalesce(max(n.kind || ':' || n.row_id), 'case:' || max(n.row_id)) AS feedback_id,
    max(n.kind) AS kind,
    coalesce(max(n.source) FILTER (WHERE n.kind IS NOT NULL), max(n.source)) AS source,
    coalesce(max(n.given_at), min(n.loaded_at)) AS fed_back_at,
    count(n.given_at) > 0 AS is_time_given,
    coalesce(max(n.unit_name) FILTER (WHERE n.kind IS NOT NULL AND n.unit_name <> ''), max(n.unit_name)) AS unit_name,
    max(n.accept_type_code) AS accept_type_code,
    bool_and(n.has_result) AS has_result,
    bool_or(n.has_unit) AS has_unit,
    bool_or(n.has_agent) AS has_agent,
    bool_or(n.has_agent_phone) AS has_agent_phone,
    bool_or(n.missing_since IS NULL) AS is_current,
    coalesce(max(n.agent) FILTER (WHERE n.kind IS NOT NULL AND n.agent <> ''), max(n.agent)) AS agent
FROM (
    SELECT
        g.*,
        row_number() OVER (
            PARTITION BY g.regino, g.said, g.kind IS NULL
            ORDER BY coalesce(g.given_at, g.loaded_at), g.kind, g.row_id
        ) AS number
    FROM (
        SELECT
            f.odrno AS regino,
            'complaint' AS kind,
            f.row_id,
            f.source,
            f.loaded_at,
            NULL::timestamptz AS given_at,
            f.handdept AS unit_name,
            f.accepttype AS accept_type_code,
            regexp_replace(coalesce(f.dealresult, ''), '\s+', '', 'g') AS said,
            NOT hotline.is_blank(f.dealresult) AS has_result,
            NOT hotline.is_blank(f.handdept) AS has_unit,
            NOT hotline.is_blank(f.agent) AS has_agent,
            NOT hotline.is_blank(f.agenttel) AS has_agent_phone,
            f.missing_since,
            f.agent
        FROM hotline.complaint_feedback AS f
        UNION ALL
        SELECT
            f.odrno,
            'report',
            f.row_id,
            f.source,
            f.loaded_at,
            NULL,
            f.handdept,
            NULL,
            regexp_replace(coalesce(f.dealresult, ''), '\s+', '', 'g'),
            NOT hotline.is_blank(f.dealresult) AND NOT hotline.is_blank(f.investresult),
            NOT hotline.is_blank(f.handdept),
            NOT hotline.is_blank(f.agent),
            NOT hotline.is_blank(f.agenttel),
            f.missing_since,
            f.agent
        FROM hotline.report_feedback AS f
        UNION ALL
        SELECT
            f.odrno,
            'consultation',
            f.row_id,
            f.source,
            f.loaded_at,
            NULL,
            f.handdept,
            NULL,
            regexp_replace(coalesce(f.dealresult, ''), '\s+', '', 'g'),
            NOT hotline.is_blank(f.dealresult),
            NOT hotline.is_blank(f.handdept),
            NOT hotline.is_blank(f.agent),
            NOT hotline.is_blank(f.agenttel),
            f.missing_since,
            f.agent
        FROM hotline.consultation_feedback AS f
        UNION ALL
        SELECT
            f.region,
            NULL,
            f.row_id,
            f.source,
            f.loaded_at,
            f.feetime,
            f.feedbackarea,
            NULL,
            regexp_replace(coalesce(f.feedbackcontent, ''), '\s+', '', 'g'),
            NOT hotline.is_blank(f.feedbackcontent),
            NOT hotline.is_blank(f.feedbackarea),
            NOT hotline.is_blank(f.feedbackname),
            NOT hotline.is_blank(f.feedbacktel),
            f.missing_since,
            f.feedbackname
        FROM hotline.case_feedback AS f
    ) AS g
) AS n
GROUP BY n.regino, n.said, n.number;

COMMENT ON VIEW hotline.feedback IS '反馈：每条反馈一行。登记单反馈（4.2.5）与分类反馈（4.8.2.1.7）中同一工单、文字相同的是同一条';
COMMENT ON COLUMN hotline.feedback.regino IS '工单编号';
COMMENT ON COLUMN hotline.feedback.feedback_id IS '反馈编号（本库）';
COMMENT ON COLUMN hotline.feedback.kind IS 'complaint 投诉, report 举报, consultation 咨询；只有登记单反馈给出的为空';
COMMENT ON COLUMN hotline.feedback.source IS '来自哪个接口；两个接口都给出的为分类反馈的接口';
COMMENT ON COLUMN hotline.feedback.fed_back_at IS '反馈时间：登记单反馈所给，没有的为首次取得的时间';
COMMENT ON COLUMN hotline.feedback.is_time_given IS '反馈时间是否为平台所给';
COMMENT ON COLUMN hotline.feedback.unit_name IS '办理部门';
COMMENT ON COLUMN hotline.feedback.accept_type_code IS '受理类型，平台原值';
COMMENT ON COLUMN hotline.feedback.has_result IS '是否写有处理结果（举报还须有调查处理结果）';
COMMENT ON COLUMN hotline.feedback.has_unit IS '是否写有办理部门';
COMMENT ON COLUMN hotline.feedback.has_agent IS '是否写有经办人';
COMMENT ON COLUMN hotline.feedback.has_agent_phone IS '是否写有经办人电话';
COMMENT ON COLUMN hotline.feedback.is_current IS '平台是否仍给出该反馈';
COMMENT ON COLUMN hotline.feedback.agent IS '经办人';

-- Computed with the facts of their order.
CREATE TABLE hotline.feedback_fact (
    feedback_id text PRIMARY KEY,
    regino text NOT NULL,
    kind text,
    source text NOT NULL,
    fed_back_at timestamptz NOT NULL,
    is_time_given boolean NOT NULL,
    unit_name text,
    registered_at timestamptz,
    reply_lag_seconds integer,
    reply_lag_working_days integer,
    accept_type_code text,
    has_result boolean NOT NULL,
    has_unit boolean NOT NULL,
    has_agent boolean NOT NULL,
    has_agent_phone boolean NOT NULL,
    is_current boolean NOT NULL,
    is_first boolean NOT NULL,
    agent_name_masked text
);

COMMENT ON TABLE hotline.feedback_fact IS '反馈全貌：每条反馈一行，由原始表算出；工单有变化的由 analytics_refresh 重算';
COMMENT ON COLUMN hotline.feedback_fact.is_first IS '是否该工单的第一次反馈';

CREATE INDEX feedback_fact_regino ON hotline.feedback_fact (regino);
CREATE INDEX feedback_fact_day ON hotline.feedback_fact (((fed_back_at AT TIME ZONE 'Asia/Shanghai')::date));
