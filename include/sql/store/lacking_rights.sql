-- What this account may not do in the local store, though some task does it; by the catalogs, which for our own store tell all.
-- Rights on tables are those of hotline_loader.role.sql.

SELECT
    quote_ident(current_user) AS account,
    quote_ident(current_database()) AS database,
    has_database_privilege(current_database(), 'TEMPORARY') AS may_make_temporary,
    (
        SELECT quote_ident(r.rolname)
        FROM pg_roles AS r
        WHERE r.rolname = 'hotline_loader'
    ) AS role,
    array(
        SELECT 'schema hotline'::text
        WHERE NOT coalesce(has_schema_privilege(to_regnamespace('hotline')::oid, 'USAGE'), TRUE)
        UNION ALL
        SELECT c.relname::text
        FROM pg_class AS c
        WHERE
            c.relnamespace = to_regnamespace('hotline')::oid
            AND CASE
                WHEN c.relname = 'alembic_version' THEN NOT has_table_privilege(c.oid, 'SELECT')
                WHEN c.relkind IN ('r', 'p')
                    THEN
                        NOT (
                            has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
                            AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')
                        )
                WHEN c.relkind IN ('v', 'm') THEN NOT has_table_privilege(c.oid, 'SELECT')
                WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE')
                ELSE FALSE
            END
        UNION ALL
        SELECT p.proname || '()'
        FROM pg_proc AS p
        WHERE p.pronamespace = to_regnamespace('hotline')::oid AND NOT has_function_privilege(p.oid, 'EXECUTE')
    ) AS lacking
