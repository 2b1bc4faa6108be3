-- Orders that 12345 put and that changed since a moment: a version settled or came, somebody decided, rows of answers came or
-- went. Only orders that came by telephone go back (4.1): those that are in the delivery queue. LIMIT asks for each of them by
-- the index: reading the queue through would cost the more the longer it lives.

SELECT changed.regino
FROM (
    SELECT d.key AS regino
    FROM hotline.delivery AS d
    WHERE
        d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
        AND d.settled_at >= %(since)s
    UNION
    SELECT d.key AS regino
    FROM hotline.delivery AS d
    WHERE
        d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
        AND d.taken_in_at >= %(since)s
    UNION
    SELECT a.regino FROM hotline.order_audit AS a
    WHERE a.decided_at >= %(since)s
    UNION
    SELECT o.key AS regino FROM hotline.operator_action AS o
    WHERE o.acted_at >= %(since)s
    UNION
    {answers}
) AS changed
CROSS JOIN
    LATERAL (
        SELECT 1 AS found
        FROM hotline.delivery AS put
        WHERE put.interface = any(%(orders)s::text []) AND put.key = changed.regino
        ORDER BY put.content_hash
        LIMIT 1
    ) AS put
WHERE changed.regino <> ''
