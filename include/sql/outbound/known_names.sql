-- What names the records that have these keys: of each version that nobody gave up and that is not held back as another record.
-- Where the body was dropped after delivery, the typed table tells it.

SELECT
    d.key,
    CASE WHEN d.body IS NULL THEN {names_of_row} ELSE {names_of_body} END AS names
FROM hotline.delivery AS d
LEFT JOIN {table} AS t -- noqa: ST11
    ON d.body IS NULL AND d.key = t.{key_column} AND d.row_id = t.row_id
WHERE
    d.interface = %(interface)s
    AND d.key = any(%(keys)s::text [])
    AND d.discarded_at IS NULL
    AND NOT %(shared)s = any(d.reasons)
