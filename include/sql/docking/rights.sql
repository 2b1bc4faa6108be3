-- Whether this account may read each table and mark its rows, and whether an update by 12345 clears collected_at by itself.

SELECT
    c.relname,
    has_table_privilege(c.oid, 'SELECT') AS may_read,
    has_column_privilege(c.oid, 'collected_at', 'UPDATE') AS may_mark,
    exists(
        SELECT 1 FROM pg_trigger AS t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
    ) AS has_trigger
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attname = 'collected_at'
WHERE n.nspname = 'docking' AND c.relname = any(%(tables)s)
ORDER BY c.relname
