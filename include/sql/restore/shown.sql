-- What the platform shows of these orders: as a case, as a case that broke a printed rule, or as returned (no content).

SELECT
    c.{key_column} AS key,
    row_to_json(c) AS fields
FROM {case_table} AS c
WHERE c.{key_column} = any(%(keys)s::text []) AND c.missing_since IS NULL
UNION ALL
SELECT
    q.key,
    to_json(encode(q.raw, 'base64')) AS fields
FROM hotline.quarantined_answer AS q
WHERE q.interface = %(case_interface)s AND q.key = any(%(keys)s::text []) AND q.state = 'open'
UNION ALL
SELECT
    r.odrno AS key,
    NULL AS fields
FROM hotline.returned_case AS r
WHERE r.odrno = any(%(keys)s::text [])
