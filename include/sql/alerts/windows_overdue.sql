-- Windows that should have been visited long ago.

SELECT
    w.interface AS subject,
    min(w.due_at) AS since,
    count(*) AS count
FROM hotline.collection_window AS w
WHERE w.due_at < now() - %(overdue_limit)s::interval
GROUP BY w.interface
