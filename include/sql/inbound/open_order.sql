-- An order of a stretch that is open, if there is one (DESIGN rule 10); by the minute, as seconds may lack (rule 9).

SELECT o.regino
FROM hotline.open_order AS o
WHERE
    o.registime >= to_timestamp(%(begins)s::bigint) - interval '1 minute'
    AND o.registime <= to_timestamp(%(ends)s::bigint)
ORDER BY o.registime
LIMIT 1
