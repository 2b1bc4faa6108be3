-- Notes of 12345 whose order has not come, and rows of notes and deadlines that were put aside: they hold nothing up.

SELECT
    'supplement' AS kind,
    s.row_id,
    s.supplementid AS note,
    s.regino,
    s.written_at,
    '{}'::text [] AS reasons
FROM hotline.order_supplement AS s
WHERE
    s.is_current
    AND NOT EXISTS (
        SELECT FROM hotline.order_source AS known
        WHERE known.key = s.regino
    )
UNION ALL
SELECT
    'urge' AS kind,
    u.row_id,
    u.urgeid AS note,
    u.regino,
    u.written_at,
    '{}'::text [] AS reasons
FROM hotline.order_urge AS u
WHERE
    u.is_current
    AND NOT EXISTS (
        SELECT FROM hotline.order_source AS known
        WHERE known.key = u.regino
    )
UNION ALL
SELECT
    'quarantined' AS kind,
    q.row_id,
    q.note_key AS note,
    q.regino,
    q.written_at,
    q.docking_table || q.reasons AS reasons
FROM hotline.quarantined_note AS q
WHERE q.state = 'open'
ORDER BY kind, row_id
LIMIT 1000
