-- The first moment from which cases of all kinds are collected.

SELECT max(first.begins) AS since
FROM (
    SELECT min(w.begins) AS begins
    FROM hotline.collection_window AS w
    WHERE w.interface = any(%(interfaces)s::text [])
    GROUP BY w.interface
    HAVING bool_or(w.visited_at IS NOT NULL)
) AS first
HAVING count(*) = cardinality(%(interfaces)s::text [])
