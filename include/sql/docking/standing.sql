-- How the tables of schema docking stand, by the catalogs alone: kind, columns, rights of this account, triggers, indexes.
-- It waits for nobody: what would take a lock on a table (pg_get_expr) is not asked.

SELECT
    c.relname,
    c.relkind::text AS kind,
    row_security_active(c.oid) AS hides_rows,
    (
        SELECT
            json_object_agg(
                a.attname,
                json_build_object(
                    'quoted', quote_ident(a.attname),
                    'type', format_type(a.atttypid, a.atttypmod),
                    'is_text', t.typcategory = 'S',
                    'is_required', a.attnotnull,
                    'fills_itself', a.attidentity <> '' OR a.attgenerated <> '',
                    'has_default', a.atthasdef,
                    'may', array_remove(
                        ARRAY[
                            CASE WHEN has_column_privilege(c.oid, a.attnum, 'SELECT') THEN 'SELECT' END,
                            CASE WHEN has_column_privilege(c.oid, a.attnum, 'INSERT') THEN 'INSERT' END,
                            CASE WHEN has_column_privilege(c.oid, a.attnum, 'UPDATE') THEN 'UPDATE' END
                        ], NULL
                    )
                )
            )
        FROM pg_attribute AS a
        INNER JOIN pg_type AS t ON a.atttypid = t.oid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS columns,
    has_table_privilege(c.oid, 'DELETE') AS may_delete,
    -- Of an update (16): D is disabled, R fires on a replica alone.
    (
        SELECT coalesce(json_object_agg(quote_ident(g.tgname), g.tgenabled NOT IN ('D', 'R')), '{}')
        FROM pg_trigger AS g
        WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 16 = 16
    ) AS triggers,
    (
        SELECT coalesce(json_agg(json_build_array(a.attname, i.indpred IS NOT NULL)), '[]')
        FROM pg_index AS i
        LEFT JOIN pg_attribute AS a ON i.indrelid = a.attrelid AND i.indkey[0] = a.attnum
        WHERE i.indrelid = c.oid AND i.indisvalid
    ) AS indexes,
    (
        SELECT coalesce(json_agg(u.names), '[]')
        FROM (
            SELECT array_agg(a.attname::text ORDER BY a.attname) AS names
            FROM pg_index AS i
            INNER JOIN pg_attribute AS a ON i.indrelid = a.attrelid AND a.attnum = any(i.indkey)
            WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            GROUP BY i.indexrelid
        ) AS u
    ) AS unique_keys
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname = 'docking' AND c.relname = any(%(tables)s)
ORDER BY c.relname
