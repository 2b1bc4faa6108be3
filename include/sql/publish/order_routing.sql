-- Routing of an order in the platform (4.5).

SELECT DISTINCT ON (r.bh, r.id)
    r.id,
    r.bh AS regino,
    r.fltype,
    r.flfqr,
    r.zcdate,
    r.ccdate,
    r.pcdate,
    r.deadline,
    r.jsdept
FROM hotline.case_routing AS r INNER JOIN changed ON r.bh = changed.regino
WHERE r.id IS NOT NULL
ORDER BY r.bh ASC, r.id ASC, r.requested_at DESC, r.row_id DESC
