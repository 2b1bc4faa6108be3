-- name: history
-- The last checks of one day, the newest first.

SELECT
    r.checked_at,
    r.kind,
    r.state,
    r.platform_count,
    r.local_count,
    r.unexplained,
    coalesce(r.repair, '{}') AS repair
FROM hotline.count_reconciliation AS r
WHERE r.day = %(day)s
ORDER BY r.row_id DESC
LIMIT %(limit)s;

-- name: requests
-- What was asked for of one day and what came of it, the newest first.

SELECT
    a.acted_at,
    a.actor,
    a.state_before,
    a.state_after,
    a.reason_scrubbed
FROM hotline.shown_act AS a
WHERE a.action = 'repair' AND a.key = %(day)s::date::text
ORDER BY a.row_id DESC
LIMIT %(limit)s;
