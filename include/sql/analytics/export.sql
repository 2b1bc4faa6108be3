-- name: columns
SELECT
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
WHERE
    c.relnamespace = 'analytics'::regnamespace AND c.relname = %(view_name)s
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- name: readable
SELECT c.relname AS name
FROM pg_catalog.pg_class AS c
WHERE
    c.relnamespace = 'analytics'::regnamespace AND c.relname = any(%(view_names)s)
    AND has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT');

-- name: rows
SELECT {selected}
FROM {rows_read} AS v
WHERE {meets};

-- name: sums
SELECT {selected}
FROM {rows_read} AS v
GROUP BY {row_key};

-- name: shown
-- Every row of an aggregate, with its small cells blank: by the text of its key.
SELECT {shown_columns}
FROM {rows_read} AS v
LEFT JOIN unnest({small_rows}::text [], {levels}::integer []) AS h (row_key, level) ON row({row_key})::text = h.row_key;

-- name: note
SELECT analytics.note_export(%(actor)s, %(view_name)s, %(column_names)s, %(filter)s, %(format)s);

-- name: note_end
SELECT analytics.note_export_end(%(number)s, %(rows)s);
