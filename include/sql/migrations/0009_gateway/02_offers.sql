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
-- 4.8.2.1.7): with the same text it is one, the one that has a time. The others name no time: it is when they were first seen.
CREATE FUNCTION hotline.replies_on(order_number text)
RETURNS TABLE (
    origin text, feedback_id bigint, region text, feetime timestamptz, feedbackname text, feedbacktel text,
    feedbackarea text, feedbackcontent text
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    'case_feedback',
    f.row_id,
    f.region,
    coalesce(f.feetime, f.loaded_at),
    f.feedbackname,
    f.feedbacktel,
    f.feedbackarea,
    f.feedbackcontent
FROM hotline.case_feedback AS f
WHERE f.region = order_number
UNION ALL
SELECT
    r.origin,
    r.row_id,
    r.odrno,
    r.loaded_at,
    r.agent,
    r.agenttel,
    r.handdept,
    r.result
FROM (
    SELECT
        'complaint_feedback' AS origin,
        f.row_id,
        f.odrno,
        f.loaded_at,
        f.agent,
        f.agenttel,
        f.handdept,
        f.dealresult,
        f.dealresult AS result
    FROM hotline.complaint_feedback AS f
    WHERE f.odrno = order_number
    UNION ALL
    SELECT
        'report_feedback',
        f.row_id,
        f.odrno,
        f.loaded_at,
        f.agent,
        f.agenttel,
        f.handdept,
        f.dealresult,
        -- What the printed 4,000 characters do not hold is in the order itself.
        left(concat_ws(E'\n', nullif(nullif(f.investresult, f.dealresult), ''), f.dealresult), 4000)
    FROM hotline.report_feedback AS f
    WHERE f.odrno = order_number
    UNION ALL
    SELECT
        'consultation_feedback',
        f.row_id,
        f.odrno,
        f.loaded_at,
        f.agent,
        f.agenttel,
        f.handdept,
        f.dealresult,
        f.dealresult
    FROM hotline.consultation_feedback AS f
    WHERE f.odrno = order_number
) AS r
WHERE NOT EXISTS (
    SELECT FROM hotline.case_feedback AS c
    WHERE c.region = r.odrno AND c.feedbackcontent = r.dealresult
)
$$;
