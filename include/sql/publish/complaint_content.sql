-- Content of a consumer complaint (4.2.16) that is finished.

SELECT DISTINCT ON (c.regino)
    c.regino,
    c.appltype,
    c.salesway,
    c.applcontent
FROM hotline.complaint_case AS c INNER JOIN finished ON c.regino = finished.regino
ORDER BY c.regino ASC, c.requested_at DESC, c.row_id DESC
