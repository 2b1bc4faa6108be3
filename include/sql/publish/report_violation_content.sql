-- Content of a reported violation (4.2.17) that is finished.

SELECT DISTINCT ON (c.regino)
    c.regino,
    c.appltype,
    c.salesway,
    c.goodsobtype
FROM hotline.report_case AS c INNER JOIN finished ON c.regino = finished.regino
ORDER BY c.regino ASC, c.requested_at DESC, c.row_id DESC
