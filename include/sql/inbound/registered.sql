-- Registration times of the orders known in some stretches, in seconds since 1970: what windows are planned by. Each stretch is
-- looked up by itself, so that a run reads as much as it visits, however many years are stored.

SELECT extract(EPOCH FROM o.registime)::bigint AS registered
FROM unnest(%(begins)s::bigint [], %(ends)s::bigint []) AS stretch (begins, ends)
CROSS JOIN
    LATERAL (
        SELECT r.registime
        FROM hotline.registered_order AS r
        WHERE
            r.registime >= to_timestamp(stretch.begins)
            AND r.registime < to_timestamp(stretch.ends)
            AND (%(kind)s::text IS NULL OR r.kind = %(kind)s)
    ) AS o
