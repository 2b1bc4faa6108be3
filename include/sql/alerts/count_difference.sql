-- Days that do not agree as of their latest check, by kind; since when the oldest of them does not. Of all checks only those
-- that found a difference are read. Columns are read by place.

SELECT -- noqa: ST06
    r.kind AS subject,
    min(r.checked_at) AS since,
    count(*) AS count
FROM hotline.count_reconciliation AS r
WHERE
    r.state IN ('open', 'incomplete')
    AND NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS newer
        WHERE newer.day = r.day AND newer.kind = r.kind AND newer.row_id > r.row_id
    )
GROUP BY r.kind
