-- The GRANTs that this account lacks for what the bridge does in this database, one statement a table.
-- theirs: docking tables that 12345 writes; ours: docking tables that the bridge writes.

WITH wanted AS (
    SELECT
        n.nspname AS schema_name,
        c.relname AS table_name,
        c.oid,
        w.privilege,
        w.column_name
    FROM pg_class AS c
    INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
    CROSS JOIN (
        VALUES
        ('SELECT', NULL), ('INSERT', NULL), ('UPDATE', NULL), ('DELETE', NULL), ('UPDATE', 'collected_at')
    ) AS w (privilege, column_name)
    WHERE
        c.relkind IN ('r', 'p', 'v')
        AND NOT c.relispartition
        AND CASE
            WHEN n.nspname = 'hotline'
                THEN
                    w.column_name IS NULL
                    AND c.relname <> 'person_secret'
                    AND (w.privilege = 'SELECT' OR (c.relkind <> 'v' AND c.relname <> 'alembic_version'))
            WHEN n.nspname = 'docking' AND c.relname = any(%(ours)s::text []) -- noqa: RF02
                THEN w.column_name IS NULL
            WHEN n.nspname = 'docking' AND c.relname = any(%(theirs)s::text []) -- noqa: RF02
                THEN w.privilege = 'SELECT' OR w.column_name IS NOT NULL
            ELSE FALSE
        END
),

lacking AS (
    SELECT DISTINCT
        w.schema_name,
        w.table_name,
        w.privilege || CASE WHEN w.column_name IS NULL THEN '' ELSE ' (' || w.column_name || ')' END AS privilege
    FROM wanted AS w
    WHERE CASE
        WHEN w.column_name IS NULL THEN NOT has_table_privilege(w.oid, w.privilege)
        WHEN EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = w.oid AND a.attname = w.column_name AND NOT a.attisdropped
        ) THEN NOT has_column_privilege(w.oid, w.column_name, w.privilege)
        ELSE FALSE
    END
),

-- Whoever is no member of the group role that `hotline migrate` gives its rights to, is to become one.
loader AS (
    SELECT bool_or(NOT pg_has_role(r.oid, 'USAGE') AND has_schema_privilege(r.oid, n.oid, 'USAGE')) AS is_missing
    FROM pg_roles AS r
    CROSS JOIN pg_namespace AS n
    WHERE r.rolname = 'hotline_loader' AND n.nspname = 'hotline'
),

grants AS (
    SELECT
        1 AS place,
        FALSE AS is_of_loader,
        format('GRANT TEMPORARY ON DATABASE %%I TO %%I', current_database(), current_user) AS statement
    WHERE to_regnamespace('hotline') IS NOT NULL AND NOT has_database_privilege(current_database(), 'TEMPORARY')
    UNION ALL
    SELECT
        2,
        n.nspname = 'hotline',
        format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, current_user)
    FROM pg_namespace AS n
    WHERE n.nspname IN ('hotline', 'docking') AND NOT has_schema_privilege(n.oid, 'USAGE')
    UNION ALL
    SELECT
        3,
        l.schema_name = 'hotline',
        format(
            'GRANT %%s ON %%I.%%I TO %%I',
            string_agg(l.privilege, ', ' ORDER BY l.privilege), l.schema_name, l.table_name, current_user
        )
    FROM lacking AS l
    GROUP BY l.schema_name, l.table_name
    UNION ALL
    SELECT
        4,
        TRUE,
        format('GRANT USAGE, SELECT ON SEQUENCE %%I.%%I TO %%I', n.nspname, c.relname, current_user)
    FROM pg_class AS c
    INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
    WHERE
        n.nspname = 'hotline'
        AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') ELSE FALSE END
    UNION ALL
    SELECT
        5,
        TRUE,
        format('GRANT EXECUTE ON FUNCTION %%s TO %%I', p.oid::regprocedure, current_user)
    FROM pg_proc AS p
    WHERE p.pronamespace = to_regnamespace('hotline')::oid AND NOT has_function_privilege(p.oid, 'EXECUTE')
)

SELECT told.statement
FROM (
    SELECT
        g.place,
        CASE
            WHEN g.is_of_loader AND loader.is_missing THEN format('GRANT hotline_loader TO %%I', current_user)
            ELSE g.statement
        END AS statement
    FROM grants AS g
    CROSS JOIN loader
) AS told
GROUP BY told.statement
ORDER BY min(told.place), told.statement
