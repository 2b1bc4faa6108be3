-- Who may call the gateway (4.2.2), and what feedback each is still to fetch (4.2.5). docs/gateway.md says what follows from it.

CREATE TABLE hotline.gateway_client (
    client_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    app_id text NOT NULL UNIQUE,
    areas text [] NOT NULL CHECK (cardinality(areas) > 0 AND array_to_string(areas, '') ~ '^([0-9]{6})+$'),
    area_at integer NOT NULL DEFAULT 1 CHECK (area_at > 0),
    origins text [] NOT NULL DEFAULT '{}',
    made_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz,
    revoked_at timestamptz
);

COMMENT ON TABLE hotline.gateway_client IS '调用网关的一方，如 12345 系统';
COMMENT ON COLUMN hotline.gateway_client.client_id IS '编号';
COMMENT ON COLUMN hotline.gateway_client.name IS '名称';
COMMENT ON COLUMN hotline.gateway_client.app_id IS '调用方标识 AppId';
COMMENT ON COLUMN hotline.gateway_client.areas IS '可见的行政区划代码；末尾成对的 00 表示其下全部，000000 表示不限';
COMMENT ON COLUMN hotline.gateway_client.area_at IS '行政区划代码在工单编号中从第几位开始';
COMMENT ON COLUMN hotline.gateway_client.origins IS '可以嵌入登记页面的网页来源';
COMMENT ON COLUMN hotline.gateway_client.made_at IS '登记的时间';
COMMENT ON COLUMN hotline.gateway_client.fetched_at IS '最近一次获取或回写反馈的时间';
COMMENT ON COLUMN hotline.gateway_client.revoked_at IS '停用的时间；空值为在用';

CREATE TABLE hotline.gateway_token (
    token_hash bytea PRIMARY KEY,
    client_id integer NOT NULL REFERENCES hotline.gateway_client,
    made_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL DEFAULT 'infinity'
);

COMMENT ON TABLE hotline.gateway_token IS '调用方的 Token；更换期间两个同时有效';
COMMENT ON COLUMN hotline.gateway_token.token_hash IS 'Token 的 SHA-256';
COMMENT ON COLUMN hotline.gateway_token.client_id IS '调用方';
COMMENT ON COLUMN hotline.gateway_token.made_at IS '生成的时间';
COMMENT ON COLUMN hotline.gateway_token.ends_at IS '失效的时间';

CREATE INDEX gateway_token_client ON hotline.gateway_token (client_id);

-- A row for each feedback and client that is to fetch it, made when the feedback is stored: so the client's fetch reads an index
-- of what waits, and an acknowledgement of an order cannot clear what came after the fetch.

CREATE TABLE hotline.feedback_offer (
    offer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id integer NOT NULL REFERENCES hotline.gateway_client,
    origin text NOT NULL,
    feedback_id bigint NOT NULL,
    regino text NOT NULL,
    waiting_since timestamptz NOT NULL DEFAULT now(),
    offered_at timestamptz,
    acknowledged_at timestamptz,
    UNIQUE (client_id, origin, feedback_id),
    CHECK (acknowledged_at IS null OR offered_at IS NOT null)
);

COMMENT ON TABLE hotline.feedback_offer IS '待 12345 获取的反馈（4.2.5）：每个调用方、每条反馈一行';
COMMENT ON COLUMN hotline.feedback_offer.offer_id IS '编号，按到达的先后';
COMMENT ON COLUMN hotline.feedback_offer.client_id IS '调用方';
COMMENT ON COLUMN hotline.feedback_offer.origin IS '反馈所在的表';
COMMENT ON COLUMN hotline.feedback_offer.feedback_id IS '该表的 row_id';
COMMENT ON COLUMN hotline.feedback_offer.regino IS '工单编号';
COMMENT ON COLUMN hotline.feedback_offer.waiting_since IS '自何时待获取';
COMMENT ON COLUMN hotline.feedback_offer.offered_at IS '首次给出的时间';
COMMENT ON COLUMN hotline.feedback_offer.acknowledged_at IS '回写的时间';

CREATE INDEX feedback_offer_waiting ON hotline.feedback_offer (client_id, offer_id) WHERE acknowledged_at IS null;
CREATE INDEX feedback_offer_order ON hotline.feedback_offer (client_id, regino) WHERE acknowledged_at IS null;

-- Whether an order lies in one of the areas. One without a number, or with a comma in it, no acknowledgement could name.
CREATE FUNCTION hotline.is_in_areas(order_number text, areas text [], area_at integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(order_number, '') <> '' AND order_number !~ '[,，]' AND EXISTS (
    SELECT FROM unnest(is_in_areas.areas) AS known (area) -- noqa: RF01
    WHERE starts_with(substr(order_number, area_at), regexp_replace(known.area, '(00)+$', ''))
);

CREATE FUNCTION hotline.offer_feedback() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.feedback_offer (client_id, origin, feedback_id, regino)'
        ' SELECT c.client_id, %1$L, a.row_id, a.%2$I'
        ' FROM hotline.gateway_client AS c CROSS JOIN added AS a'
        ' WHERE c.revoked_at IS NULL AND hotline.is_in_areas(a.%2$I, c.areas, c.area_at)'
        ' ORDER BY a.row_id ON CONFLICT DO NOTHING',
        tg_table_name, tg_argv[0]
    );
    RETURN null;
END
$$;

CREATE TRIGGER offer_feedback AFTER INSERT ON hotline.case_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.offer_feedback('region');
CREATE TRIGGER offer_feedback AFTER INSERT ON hotline.complaint_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.offer_feedback('odrno');
CREATE TRIGGER offer_feedback AFTER INSERT ON hotline.report_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.offer_feedback('odrno');
CREATE TRIGGER offer_feedback AFTER INSERT ON hotline.consultation_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.offer_feedback('odrno');

-- The replies on one order, in the printed fields of 4.2.5. The platform may give one reply by both sets of interfaces (4.2.5 and
-- 4.8.2.1.7), which share no number but the order's: the same words are one reply, that of 4.2.5, as it has a time; where they come
-- several times, the first of one is the first of the other. The others name no time: it is when they were first seen.

CREATE FUNCTION hotline.replies_on(order_number text)
RETURNS TABLE (
    origin text, feedback_id bigint, region text, feetime timestamptz, feedbackname text, feedbacktel text,
    feedbackarea text, feedbackcontent text
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    n.origin,
    n.row_id,
    order_number,
    n.at,
    n.agent,
    n.agenttel,
    n.handdept,
    n.result
FROM (
    SELECT
        g.*,
        count(*) FILTER (WHERE g.origin = 'case_feedback') OVER (PARTITION BY g.said) AS timed_count,
        row_number() OVER (
            PARTITION BY g.said, g.origin = 'case_feedback'
            ORDER BY g.at, g.origin, g.row_id
        ) AS number
    FROM (
        SELECT
            'case_feedback' AS origin,
            f.row_id,
            coalesce(f.feetime, f.loaded_at) AS at,
            f.feedbackname AS agent,
            f.feedbacktel AS agenttel,
            f.feedbackarea AS handdept,
            f.feedbackcontent AS result,
            regexp_replace(coalesce(f.feedbackcontent, ''), '\s+', '', 'g') AS said
        FROM hotline.case_feedback AS f
        WHERE f.region = order_number
        UNION ALL
        SELECT
            'complaint_feedback',
            f.row_id,
            f.loaded_at,
            f.agent,
            f.agenttel,
            f.handdept,
            f.dealresult,
            regexp_replace(coalesce(f.dealresult, ''), '\s+', '', 'g')
        FROM hotline.complaint_feedback AS f
        WHERE f.odrno = order_number
        UNION ALL
        SELECT
            'report_feedback',
            f.row_id,
            f.loaded_at,
            f.agent,
            f.agenttel,
            f.handdept,
            -- What the printed 4,000 characters do not hold is in the order itself.
            left(w.words, 4000),
            -- With the result of the investigation: where it says more, it is no repetition.
            regexp_replace(w.words, '\s+', '', 'g')
        FROM hotline.report_feedback AS f
        CROSS JOIN
            LATERAL (SELECT concat_ws(E'\n', nullif(nullif(f.investresult, f.dealresult), ''), f.dealresult) AS words) AS w
        WHERE f.odrno = order_number
        UNION ALL
        SELECT
            'consultation_feedback',
            f.row_id,
            f.loaded_at,
            f.agent,
            f.agenttel,
            f.handdept,
            f.dealresult,
            regexp_replace(coalesce(f.dealresult, ''), '\s+', '', 'g')
        FROM hotline.consultation_feedback AS f
        WHERE f.odrno = order_number
    ) AS g
) AS n
WHERE n.origin = 'case_feedback' OR n.number > n.timed_count
$$;

-- Openings of the order form inside 12345 (specification 4.1.2, steps 3 and 4). What 12345 prefills stays until the form is opened,
-- ten minutes at most; what was typed never stands here.

CREATE TABLE hotline.form_launch (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_hash bytea NOT NULL UNIQUE,
    client text NOT NULL,
    origins text [] NOT NULL,
    interface text NOT NULL,
    regino text NOT NULL,
    operator text NOT NULL,
    opener_origin text NOT NULL,
    prefill jsonb,
    launched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    opened_at timestamptz,
    key_hash bytea UNIQUE,
    submitted_at timestamptz
);

CREATE INDEX form_launch_prefilled ON hotline.form_launch (launched_at) WHERE prefill IS NOT null;
CREATE INDEX form_launch_submitted ON hotline.form_launch (regino) WHERE submitted_at IS NOT null;
CREATE INDEX form_launch_launched_at ON hotline.form_launch (launched_at);

COMMENT ON TABLE hotline.form_launch IS '受理页的打开记录：12345 每请求打开一次一行';
COMMENT ON COLUMN hotline.form_launch.row_id IS '编号';
COMMENT ON COLUMN hotline.form_launch.ticket_hash IS '一次性地址的 SHA-256';
COMMENT ON COLUMN hotline.form_launch.client IS '请求打开的客户端（AppId）';
COMMENT ON COLUMN hotline.form_launch.origins IS '可以嵌入受理页的网站';
COMMENT ON COLUMN hotline.form_launch.interface IS '工单的接口名，即类型';
COMMENT ON COLUMN hotline.form_launch.regino IS '工单编号';
COMMENT ON COLUMN hotline.form_launch.operator IS '12345 的经办人员';
COMMENT ON COLUMN hotline.form_launch.opener_origin IS '打开受理页的网站，提交后通知它';
COMMENT ON COLUMN hotline.form_launch.prefill IS '预填内容；打开后或十分钟后清空';
COMMENT ON COLUMN hotline.form_launch.launched_at IS '请求时间';
COMMENT ON COLUMN hotline.form_launch.opened_at IS '打开时间；空值为没有打开';
COMMENT ON COLUMN hotline.form_launch.key_hash IS '受理页的提交凭证的 SHA-256；打开后才有';
COMMENT ON COLUMN hotline.form_launch.submitted_at IS '提交时间；空值为没有提交';
