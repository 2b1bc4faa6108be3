-- Orders whose result 12345 was told, and of which the local store has none, with their registration where it is known.

SELECT
    told.regino,
    registered.at
FROM unnest(%(reginos)s::text []) AS told (regino)
LEFT JOIN LATERAL (
    SELECT min(o.registime) AS at
    FROM (
        SELECT c.registime FROM hotline.complaint_order AS c
        WHERE c.regino = told.regino
        UNION ALL
        SELECT r.registime FROM hotline.report_order AS r
        WHERE r.regino = told.regino
        UNION ALL
        SELECT n.registime FROM hotline.consultation_order AS n
        WHERE n.regino = told.regino
    ) AS o
) AS registered ON TRUE
WHERE
    NOT EXISTS (
        SELECT FROM {table} AS f
        WHERE f.{key_column} = told.regino
    )
ORDER BY told.regino
