-- Windows of a stretch that are to be visited now, and those beside them that one request may answer along with them, in order:
-- but for those that failed and rest, or they would make their neighbours fail with them.

SELECT DISTINCT
    near.row_count,
    near.due_because,
    near.begins,
    near.ends,
    near.is_due
FROM (
    SELECT d.begins
    FROM hotline.collection_window AS d
    WHERE
        d.interface = %(interface)s
        AND d.due_at <= %(now)s::timestamptz
        AND d.ends > to_timestamp(%(begins)s::bigint)
        AND d.begins < to_timestamp(%(ends)s::bigint)
) AS due
CROSS JOIN
    LATERAL (
        SELECT
            w.row_count,
            w.due_because,
            extract(EPOCH FROM w.begins)::bigint AS begins,
            extract(EPOCH FROM w.ends)::bigint AS ends,
            coalesce(greatest(w.due_at, w.retry_at) <= %(now)s::timestamptz AND w.due_at IS NOT NULL, FALSE) AS is_due
        FROM hotline.collection_window AS w
        WHERE
            w.interface = %(interface)s
            AND w.begins >= due.begins - %(longest)s::interval
            AND w.begins <= due.begins + %(longest)s::interval
            AND coalesce(w.retry_at <= %(now)s::timestamptz, TRUE)
            AND w.ends > to_timestamp(%(begins)s::bigint)
            AND w.begins < to_timestamp(%(ends)s::bigint)
    ) AS near
ORDER BY near.begins
