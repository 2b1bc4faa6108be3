-- Once a day every order is compared, changed or not, a piece a run: notes the next piece as if it had changed. A day's
-- comparison begins when the one before has come to its end, with the standard data, as another code may hold that day.

WITH place AS (
    SELECT coalesce(p.compared_to, '') AS compared_to FROM hotline.publication AS p
    WHERE p.compared_to IS NOT NULL OR p.compared_on <> current_date
    FOR UPDATE
),

piece AS (
    SELECT DISTINCT d.key
    FROM place
    CROSS JOIN unnest(%(orders)s::text []) AS put (interface)
    CROSS JOIN
        LATERAL (
            SELECT DISTINCT v.key FROM hotline.delivery AS v
            WHERE v.interface = put.interface AND v.key > place.compared_to
            ORDER BY v.key
            LIMIT %(limit)s
        ) AS d
    ORDER BY d.key
    LIMIT %(limit)s
),

noted AS (
    INSERT INTO hotline.order_change (regino)
    SELECT piece.key FROM piece
    UNION ALL
    SELECT place.compared_to FROM place
    WHERE place.compared_to = ''
)

UPDATE hotline.publication AS p
SET
    compared_on = CASE WHEN place.compared_to = '' THEN current_date ELSE p.compared_on END,
    compared_to = (SELECT max(piece.key) FROM piece)
FROM place
