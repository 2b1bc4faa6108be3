SELECT
    l.at,
    l.event,
    l.kind,
    l.detail,
    l.origin,
    l.is_exact
FROM hotline.order_life AS l
WHERE l.regino = %(regino)s
