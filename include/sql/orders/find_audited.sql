-- Versions that wait for a decision; on demand those that were returned, and what a return would hold back as well.

WITH unsent AS (
    SELECT
        d.row_id,
        d.interface,
        d.key,
        d.content_hash,
        d.state,
        d.written_at,
        d.flags,
        d.body
    FROM hotline.delivery AS d
    WHERE
        d.interface = any(%(interfaces)s::text [])
        AND d.state = any(%(states)s::text [])
        AND d.claimed_until IS NULL
        AND d.discarded_at IS NULL
        AND NOT d.outcome_unknown
        AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s::text []))
),

judged AS (
    SELECT
        u.*,
        (
            SELECT o.decision
            FROM hotline.order_audit AS o
            WHERE o.interface = u.interface AND o.regino = u.key AND o.content_hash = u.content_hash
            ORDER BY o.row_id DESC
            LIMIT 1
        ) AS decision
    FROM unsent AS u
)

SELECT
    j.row_id,
    j.interface,
    j.key,
    j.content_hash,
    j.state,
    j.written_at,
    j.flags,
    j.decision,
    j.body
FROM judged AS j
WHERE %(decided)s OR j.decision IS DISTINCT FROM 'return'
ORDER BY j.row_id
LIMIT %(limit)s
