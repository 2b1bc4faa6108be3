-- Makes windows for whatever has none in a stretch: at either end, or where somebody took one out. Windows before the stretch
-- are not looked at; those in it are read from the index alone.

WITH neighbour AS (
    SELECT
        w.ends AS begins,
        lead(w.begins, 1, to_timestamp(%(ends)s::bigint)) OVER (ORDER BY w.ends) AS ends
    FROM hotline.collection_window AS w
    WHERE w.interface = %(interface)s AND w.ends >= to_timestamp(%(begins)s::bigint)
    UNION ALL
    SELECT
        to_timestamp(%(begins)s::bigint) AS begins,
        coalesce(
            (
                SELECT w.begins FROM hotline.collection_window AS w
                WHERE w.interface = %(interface)s AND w.ends >= to_timestamp(%(begins)s::bigint)
                ORDER BY w.ends
                LIMIT 1
            ),
            to_timestamp(%(ends)s::bigint)
        ) AS ends
),

gap AS (
    SELECT
        greatest(n.begins, to_timestamp(%(begins)s::bigint)) AS begins,
        least(n.ends, to_timestamp(%(ends)s::bigint)) AS ends
    FROM neighbour AS n
)

INSERT INTO hotline.collection_window (interface, begins, ends, state, due_at, due_because)
SELECT
    %(interface)s,
    gap.begins,
    gap.ends,
    'open',
    %(now)s::timestamptz,
    'new'
FROM gap
WHERE gap.begins < gap.ends
