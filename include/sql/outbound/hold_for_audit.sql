-- Pre-audit (4.4): a good version is held until somebody passes its very content, where the deployment asks for it, the
-- order was returned at last, or this content was.

WITH decided AS (
    SELECT
        v.position,
        (
            SELECT a.decision FROM hotline.order_audit AS a
            WHERE a.interface = %(interface)s AND a.regino = v.key AND a.content_hash = v.content_hash
            ORDER BY a.row_id DESC
            LIMIT 1
        ) AS on_content,
        (
            SELECT a.decision FROM hotline.order_audit AS a
            WHERE a.interface = %(interface)s AND a.regino = v.key
            ORDER BY a.row_id DESC
            LIMIT 1
        ) AS on_order
    FROM version AS v
    WHERE v.state = 'waiting'
)

UPDATE version AS v
SET state = 'held'
FROM decided
WHERE
    v.position = decided.position
    AND decided.on_content IS DISTINCT FROM 'pass'
    AND (%(audit_required)s OR 'return' IN (decided.on_content, decided.on_order))
