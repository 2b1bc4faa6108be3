-- The goods or service (4.2.15, part without number) of orders that are finished. The interfaces carry no quantity.

SELECT DISTINCT ON (c.regino)
    c.regino,
    c.goodsname,
    c.goodsobtype,
    c.brandname,
    c.orderno,
    CASE WHEN c.salesway = '1' THEN '1' WHEN c.salesway IS NOT NULL THEN '0' END AS online
FROM (
    SELECT
        regino,
        goodsname,
        goodsobtype,
        brandname,
        salesway,
        orderno,
        requested_at,
        row_id
    FROM hotline.complaint_case
    UNION ALL
    SELECT
        regino,
        goodsname,
        goodsobtype,
        brandname,
        salesway,
        orderno,
        requested_at,
        row_id
    FROM hotline.report_case
) AS c INNER JOIN finished ON c.regino = finished.regino
ORDER BY c.regino ASC, c.requested_at DESC, c.row_id DESC
