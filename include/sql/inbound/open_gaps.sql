-- Makes windows for whatever has none in a stretch: at either end, or where somebody took one out.

WITH bound AS (
    SELECT
        %(now)s::timestamptz AS due_at,
        to_timestamp(%(begins)s::bigint) AS begins,
        to_timestamp(%(ends)s::bigint) AS ends
),

neighbour AS (
    SELECT
        w.ends AS begins,
        lead(w.begins, 1, bound.ends) OVER (ORDER BY w.begins) AS ends
    FROM hotline.collection_window AS w CROSS JOIN bound
    WHERE w.interface = %(interface)s
    UNION ALL
    SELECT
        bound.begins,
        coalesce(
            (
                SELECT min(w.begins) FROM hotline.collection_window AS w
                WHERE w.interface = %(interface)s
            ),
            bound.ends
        ) AS ends
    FROM bound
)

INSERT INTO hotline.collection_window (interface, begins, ends, state, due_at, due_because)
SELECT
    %(interface)s,
    greatest(n.begins, bound.begins),
    least(n.ends, bound.ends),
    'open',
    bound.due_at,
    'new'
FROM neighbour AS n CROSS JOIN bound
WHERE greatest(n.begins, bound.begins) < least(n.ends, bound.ends)
