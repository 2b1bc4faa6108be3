UPDATE hotline.order_completion AS c
SET ended_at = now(), ended_by = %(actor)s
WHERE
    c.interface = %(interface)s
    AND c.regino = %(regino)s
    AND c.field = any(%(fields)s::text [])
    AND c.ended_at IS NULL
