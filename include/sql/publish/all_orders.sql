-- All orders that 12345 put.

SELECT DISTINCT d.key AS regino
FROM hotline.delivery AS d
WHERE d.interface = any(%(orders)s::text []) AND d.key <> ''
