-- Checks before which something was repaired, and what they found after it.

SELECT
    r.checked_at,
    r.day,
    r.kind,
    r.repair,
    r.state
FROM hotline.count_reconciliation AS r
WHERE r.repair IS NOT null AND r.checked_at >= %(since)s
ORDER BY r.row_id DESC
