-- name: insert_result
-- One result. It fails since the check before it did, where that one failed too; checks of a past window (those do not
-- end at the moment of checking) say nothing about that.

INSERT INTO hotline.quality_result (
    checked_at, day, table_name, rule, window_begin, window_end, severity, passed, failing_since, failing_count,
    checked_count, message_zh, keys
)
SELECT
    new.checked_at,
    (new.checked_at AT TIME ZONE 'Asia/Shanghai')::date,
    new.table_name,
    new.rule,
    %(window_begin)s,
    %(window_end)s,
    %(severity)s,
    new.passed,
    CASE WHEN NOT new.passed THEN coalesce(before.failing_since, new.checked_at) END,
    %(failing_count)s,
    %(checked_count)s,
    %(message_zh)s,
    %(keys)s
FROM (
    SELECT
        %(checked_at)s::timestamptz AS checked_at,
        %(table_name)s::text AS table_name,
        %(rule)s::text AS rule,
        %(passed)s::boolean AS passed
) AS new
LEFT JOIN LATERAL (
    SELECT r.failing_since
    FROM hotline.quality_result AS r
    WHERE
        r.table_name = new.table_name
        AND r.rule = new.rule
        AND r.passed IS NOT NULL
        AND r.window_end = r.checked_at
        AND r.checked_at < new.checked_at
    ORDER BY r.checked_at DESC
    LIMIT 1
) AS before ON TRUE;

-- name: read_check
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
ORDER BY r.row_id;
