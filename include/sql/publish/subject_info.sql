-- The accused company (4.2.15), as the platform holds it, of orders that are finished.

SELECT DISTINCT ON (c.regino)
    c.regino,
    c.invopart,
    c.invoptaddr,
    c.invopttel,
    c.induscatgri
FROM (
    SELECT
        regino,
        invopart,
        invoptaddr,
        invopttel,
        induscatgri,
        requested_at,
        row_id
    FROM hotline.complaint_case
    UNION ALL
    SELECT
        regino,
        invopart,
        invoptaddr,
        invopttel,
        induscatgri,
        requested_at,
        row_id
    FROM hotline.report_case
) AS c INNER JOIN finished ON c.regino = finished.regino
ORDER BY c.regino ASC, c.requested_at DESC, c.row_id DESC
