SELECT
    c.regino,
    c.field,
    c.value
FROM hotline.order_completion AS c
WHERE c.interface = %(interface)s AND c.regino = any(%(keys)s::text []) AND c.ended_at IS NULL
