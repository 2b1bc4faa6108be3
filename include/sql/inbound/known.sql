-- What is stored of these orders: contents alone, as most answers repeat what is there.

SELECT
    t.row_id,
    t.{key_column},
    t.content_hash,
    t.missing_since IS NOT NULL AS was_missing
FROM {table} AS t
WHERE t.{key_column} = any(%(keys)s::text [])
