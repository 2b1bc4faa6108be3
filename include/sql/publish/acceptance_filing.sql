-- Not accepted (4.2.9), accepted (4.2.10), filed (4.2.11), by what handling steps mean. The interfaces give steps no time and
-- only one text, so the times and the reason of a refusal stay empty.

WITH step AS (
    SELECT DISTINCT ON (s.regino, s.meaning)
        s.regino,
        s.meaning,
        s.fqr,
        s.remark,
        s.requested_at,
        s.row_id
    FROM hotline.handling_step AS s INNER JOIN changed ON s.regino = changed.regino
    WHERE s.meaning IN ('refused', 'accepted', 'filed')
    ORDER BY s.regino ASC, s.meaning ASC, s.requested_at DESC, s.row_id DESC
)

SELECT
    step.regino,
    (array_agg(step.meaning ORDER BY step.requested_at DESC, step.row_id DESC))[1] AS state,
    max(step.remark) FILTER (WHERE step.meaning = 'refused') AS refusalnote,
    max(step.remark) FILTER (WHERE step.meaning = 'accepted') AS acceptnote,
    max(step.fqr) FILTER (WHERE step.meaning = 'accepted') AS acceptor,
    max(step.remark) FILTER (WHERE step.meaning = 'filed') AS filingnote,
    max(step.fqr) FILTER (WHERE step.meaning = 'filed') AS filinghandler
FROM step
GROUP BY step.regino
