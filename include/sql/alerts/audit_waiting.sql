-- Versions of orders that wait for the bureau's decision (4.4) for longer than the limit.

SELECT
    d.interface AS subject,
    min(d.taken_in_at) AS since,
    count(*) AS count
FROM hotline.delivery AS d
WHERE
    d.state = 'held'
    AND d.discarded_at IS null
    AND d.interface = any(%(audited)s::text [])
    AND d.taken_in_at < now() - %(audit_limit)s::interval
    AND (
        SELECT a.decision FROM hotline.order_audit AS a
        WHERE a.interface = d.interface AND a.regino = d.key AND a.content_hash = d.content_hash
        ORDER BY a.row_id DESC
        LIMIT 1
    ) IS DISTINCT FROM 'return'
GROUP BY d.interface
