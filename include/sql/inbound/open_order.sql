-- An order of a stretch that is open, if there is one (architecture: registration time); by the minute, as seconds may
-- lack (architecture: closed windows).

SELECT o.regino
FROM hotline.open_order AS o
WHERE
    o.registime >= to_timestamp(%(begins)s::bigint) - interval '1 minute'
    AND o.registime <= to_timestamp(%(ends)s::bigint)
ORDER BY o.registime
LIMIT 1
