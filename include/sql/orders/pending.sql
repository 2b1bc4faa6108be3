-- What has not been laid over a known order yet, with the order: one row for each kind of order of that number.

SELECT
    s.interface,
    s.key,
    'order_completion' AS of_table,
    c.row_id
FROM hotline.order_completion AS c
INNER JOIN hotline.order_source AS s ON c.interface = s.interface AND c.regino = s.key
WHERE c.laid_at IS NULL
UNION ALL
SELECT
    s.interface,
    s.key,
    'order_supplement' AS of_table,
    n.row_id
FROM hotline.order_supplement AS n
INNER JOIN hotline.order_source AS s ON n.regino = s.key
WHERE n.laid_at IS NULL
