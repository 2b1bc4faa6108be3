-- Registration times of the orders known in a stretch, in seconds since 1970: what windows are planned by.

SELECT extract(EPOCH FROM o.registime)::bigint AS registered
FROM hotline.registered_order AS o
WHERE
    o.registime >= to_timestamp(%(begins)s::bigint)
    AND o.registime < to_timestamp(%(ends)s::bigint)
    AND (%(kind)s::text IS NULL OR o.kind = %(kind)s)
