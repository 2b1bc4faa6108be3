-- What is overdue and then what is due soon; among these the orders that were urged most, then the longest over.

SELECT
    s.regino,
    s.kind,
    s.stage,
    s.state,
    s.limit_at,
    s.limit_source,
    s.working_days_left,
    s.urge_count
FROM judged AS s
WHERE s.state IN ('overdue', 'due_soon')
ORDER BY
    s.state DESC,
    s.urge_count DESC,
    s.limit_at ASC,
    s.regino ASC,
    s.stage ASC
LIMIT %(limit)s
