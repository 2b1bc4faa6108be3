-- Every order that 12345 put, and the standard data, as if they had changed.

INSERT INTO hotline.order_change (regino)
SELECT DISTINCT d.key FROM hotline.delivery AS d
WHERE d.interface = any(%(orders)s::text []) AND d.key <> ''
UNION ALL
SELECT '' AS key
