-- Columns of a typed table against the contract: there, and of the type that the contract asks for. A table that does not
-- exist gives no row. Great Expectations cannot do this: to it timestamp and timestamptz are one type.

SELECT
    wanted.name AS key,
    coalesce(found.atttypid <> to_regtype(wanted.type), TRUE) AS failing
FROM jsonb_to_recordset(%(wanted)s::jsonb) AS wanted (name text, type text)
LEFT JOIN pg_attribute AS found
    ON found.attrelid = to_regclass(%(table_name)s) AND wanted.name = found.attname AND NOT found.attisdropped
WHERE to_regclass(%(table_name)s) IS NOT NULL
