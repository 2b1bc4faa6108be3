-- All windows of a stretch in order, and which of them are to be visited now.

SELECT
    w.row_count,
    w.due_because,
    extract(EPOCH FROM w.begins)::bigint AS begins,
    extract(EPOCH FROM w.ends)::bigint AS ends,
    coalesce(greatest(w.due_at, w.retry_at) <= %(now)s::timestamptz AND w.due_at IS NOT NULL, FALSE) AS is_due
FROM hotline.collection_window AS w
WHERE
    w.interface = %(interface)s
    AND w.ends > to_timestamp(%(begins)s::bigint)
    AND w.begins < to_timestamp(%(ends)s::bigint)
ORDER BY w.begins
