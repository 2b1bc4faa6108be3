-- Contents of these orders that the platform is known to have taken.

SELECT
    o.{key_column} AS key,
    o.fields
FROM (
    SELECT
        t.row_id,
        t.{key_column},
        row_to_json(t) AS fields
    FROM {table} AS t
    WHERE t.{key_column} = any(%(keys)s::text [])
    UNION ALL
    SELECT
        h.row_id,
        h.{key_column},
        row_to_json(h) AS fields
    FROM {history} AS h
    WHERE h.{key_column} = any(%(keys)s::text [])
) AS o
INNER JOIN hotline.delivery AS d ON o.row_id = d.row_id
WHERE d.interface = %(interface)s AND d.state = 'delivered'
