-- Interfaces with windows that were not answered since all of them were to be asked again.

SELECT DISTINCT w.interface
FROM hotline.collection_window AS w
CROSS JOIN hotline.restore AS r
WHERE
    w.interface = any(%(interfaces)s::text [])
    AND r.ended_at IS NULL
    AND coalesce(w.visited_at < r.asked_at, TRUE)
