-- Orders that the platform's audit returned (4.8.2.1.5.4), and those that the bureau returned before they were sent (4.4).

SELECT DISTINCT ON (r.regino)
    r.regino,
    r.handdept,
    r.agent,
    r.dealresult,
    r.updatetime,
    r.origin
FROM (
    SELECT
        p.odrno AS regino,
        p.handdept,
        p.agent,
        p.dealresult,
        to_char(p.updatetime, 'YYYY-MM-DD HH24:MI:SS') AS updatetime,
        'platform' AS origin,
        p.requested_at AS known_at,
        p.row_id
    FROM hotline.returned_case AS p INNER JOIN changed ON p.odrno = changed.regino
    UNION ALL
    SELECT
        a.regino,
        a.office AS handdept,
        a.person AS agent,
        a.reason AS dealresult,
        to_char(a.decided_at, 'YYYY-MM-DD HH24:MI:SS') AS updatetime,
        'bureau' AS origin,
        a.decided_at AS known_at,
        a.row_id
    FROM (
        SELECT DISTINCT ON (d.regino) d.*
        FROM hotline.order_audit AS d INNER JOIN changed ON d.regino = changed.regino
        ORDER BY d.regino ASC, d.row_id DESC
    ) AS a
    WHERE a.decision = 'return'
) AS r
ORDER BY r.regino ASC, r.known_at DESC, r.row_id DESC
