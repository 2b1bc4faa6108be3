-- Seconds of registration that hold more rows than an answer can.

SELECT
    w.interface AS subject,
    min(w.visited_at) AS since,
    count(*) AS count
FROM hotline.collection_window AS w
WHERE w.state = 'incomplete'
GROUP BY w.interface
