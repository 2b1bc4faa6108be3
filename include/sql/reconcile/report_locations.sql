-- Where within days that do not agree orders are missing, as it was found last.

SELECT
    l.day,
    l.kind,
    l.begins,
    l.ends,
    l.platform_count,
    l.local_count
FROM (
    SELECT
        c.kind,
        c.begins,
        c.ends,
        c.platform_count,
        c.local_count,
        c.checked_at,
        (c.begins AT TIME ZONE 'Asia/Shanghai')::date AS day,
        max(c.checked_at) OVER (PARTITION BY c.kind, (c.begins AT TIME ZONE 'Asia/Shanghai')::date) AS latest
    FROM hotline.count_location AS c
) AS l
INNER JOIN hotline.reconciliation_state AS s ON l.day = s.day AND l.kind = s.kind
WHERE l.checked_at = l.latest AND s.state <> 'agreed'
ORDER BY l.day, l.kind, l.begins
