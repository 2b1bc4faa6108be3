-- What the catalog says of tables and views, for the dictionary: one row a column, in order.

SELECT
    n.nspname AS schema_name,
    c.relname AS table_name,
    a.attname AS column_name,
    obj_description(c.oid, 'pg_class') AS table_comment,
    format_type(a.atttypid, a.atttypmod) AS type,
    col_description(c.oid, a.attnum) AS comment
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE
    NOT c.relispartition
    AND (n.nspname = 'analytics' AND c.relkind = 'v' OR n.nspname = 'hotline' AND c.relkind IN ('r', 'p'))
ORDER BY n.nspname, c.relname, a.attnum
