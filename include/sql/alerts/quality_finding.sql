-- What the latest quality check found: an error as long as it lasts, a warning on the day on which it begins. Checks of a
-- past window do not end at the moment of checking. Columns are read by place.

SELECT -- noqa: ST06
    r.table_name || ' ' || r.rule AS subject,
    r.failing_since AS since,
    r.failing_count AS count
FROM hotline.quality_result AS r
WHERE
    r.checked_at = (
        SELECT max(latest.checked_at)
        FROM hotline.quality_result AS latest
        WHERE latest.window_end = latest.checked_at AND latest.checked_at > now() - interval '3 hours'
    )
    AND r.failing_since IS NOT NULL
    AND (r.severity = 'error' OR r.failing_since >= date_trunc('day', now()))
