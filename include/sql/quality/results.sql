-- The results of one check.

SELECT
    r.table_name,
    r.rule,
    r.severity,
    r.checked_count,
    r.failing_count,
    r.keys,
    r.failing_since,
    r.window_begin,
    r.window_end
FROM hotline.quality_result AS r
WHERE r.checked_at = %(checked_at)s
ORDER BY r.row_id
