-- Orders that 12345 put and that changed since a moment: a version settled or came, the bureau decided, rows of answers came or
-- went. Only orders that came by telephone go back (4.1): those that are in the delivery queue.

SELECT DISTINCT changed.regino
FROM (
    SELECT d.key AS regino
    FROM hotline.delivery AS d
    WHERE
        d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
        AND d.settled_at >= %(since)s
    UNION ALL
    SELECT d.key AS regino
    FROM hotline.delivery AS d
    WHERE
        d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
        AND d.taken_in_at >= %(since)s
    UNION ALL
    SELECT a.regino FROM hotline.order_audit AS a
    WHERE a.decided_at >= %(since)s
    UNION ALL
    {answers}
) AS changed
WHERE
    changed.regino <> ''
    AND EXISTS (
        SELECT 1 FROM hotline.delivery AS put
        WHERE put.interface = any(%(orders)s::text []) AND put.key = changed.regino
    )
