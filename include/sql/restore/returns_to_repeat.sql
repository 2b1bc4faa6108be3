-- Those of them that the local store does not know: the last decision on the order is none, or another one.

SELECT told.place
FROM unnest(%(reginos)s::text []) WITH ORDINALITY AS told (regino, place)
WHERE
    (
        SELECT a.decision FROM hotline.order_audit AS a
        WHERE a.regino = told.regino
        ORDER BY a.row_id DESC
        LIMIT 1
    ) IS DISTINCT FROM 'return'
