-- Orders that the platform accepted and does not show among its cases, with what may explain it.

SELECT
    o.day,
    o.regino,
    o.delivered_at,
    o.delivery_id,
    exists(
        SELECT FROM hotline.returned_case AS r
        WHERE r.odrno = o.regino AND r.missing_since IS NULL
    ) AS is_returned,
    exists(
        SELECT FROM hotline.quarantined_answer AS q
        WHERE q.interface = %(case_interface)s AND q.key = o.regino AND q.state = 'open'
    ) AS is_quarantined,
    (
        SELECT max(a.acted_at) FROM hotline.operator_action AS a
        WHERE a.interface = %(interface)s AND a.key = o.regino AND a.actor = %(actor)s
    ) AS sent_again_at
FROM delivered_order AS o
WHERE NOT o.is_local
ORDER BY o.day, o.delivered_at
