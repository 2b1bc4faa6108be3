-- The replies on one order, in the printed fields of 4.2.5. The platform may give one reply by both sets of interfaces (4.2.5 and
-- 4.8.2.1.7): with the same text it is one, the one that has a time. The others name no time: it is when they were first seen.
CREATE OR REPLACE FUNCTION hotline.replies_on(order_number text)
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
