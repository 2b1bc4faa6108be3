-- Whether rows of a table have a place (ctid), and its columns that are no text; a domain by the type below it.

SELECT
    c.relkind IN ('r', 'p') AS has_places,
    (
        SELECT json_object_agg(a.attname, coalesce(below.typname, t.typname))
        FROM pg_attribute AS a
        INNER JOIN pg_type AS t ON a.atttypid = t.oid
        LEFT JOIN pg_type AS below ON t.typbasetype = below.oid
        WHERE
            a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND coalesce(below.typcategory, t.typcategory) <> 'S'
    ) AS types
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname = 'docking' AND c.relname = any(%(tables)s)
