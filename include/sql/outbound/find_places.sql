-- Where the next rows stand, in the order in which they are read.

SELECT
    {place}::text AS place,
    d.written_at::text AS written_at
FROM {table} AS d
WHERE {due}
ORDER BY d.written_at, {place}
LIMIT {limit}
