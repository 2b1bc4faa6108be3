-- The replies on one order, in the printed fields of 4.2.5. The platform may give one reply by both sets of interfaces (4.2.5 and
-- 4.8.2.1.7), which share no number but the order's: the same words are one reply, that of 4.2.5, as it has a time; where they come
-- several times, the first of one is the first of the other. The others name no time: it is when they were first seen.

CREATE OR REPLACE FUNCTION hotline.replies_on(order_number text)
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
