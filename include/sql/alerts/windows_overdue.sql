-- Windows that wait for an answer since long: since they were due by their last answer, or since they were opened. A failed
-- visit does not move that. What is asked once a day may wait for its day besides.

SELECT
    w.interface AS subject,
    min(w.due_at) AS since,
    count(*) AS count
FROM hotline.collection_window AS w
WHERE
    w.due_at < now() - %(overdue_limit)s::interval
    - CASE WHEN w.interface = any(%(daily)s::text []) THEN interval '1 day' ELSE interval '0' END
GROUP BY w.interface
