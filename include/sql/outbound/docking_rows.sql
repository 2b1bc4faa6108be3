-- name: find_places
-- Where the next rows stand, in the order in which they are read.

SELECT
    {place}::text AS place,
    d.written_at::text AS written_at
FROM {table} AS d
WHERE {due}
ORDER BY d.written_at, {place}
LIMIT {limit};

-- name: look
-- Whether a table holds rows that nobody collected yet, and for whom; found in the index of those rows.

SELECT {names}::text [] AS interfaces
WHERE EXISTS (
    SELECT FROM {table} AS d
    WHERE d.collected_at IS NULL
);

-- name: read_rows
-- Rows of one docking table, as the bodies they will be sent as. row_to_json writes the fields in the order of the
-- contract, without blanks; NULL and '' are one content, as in the printed examples.

COPY (
    SELECT
        {place}::text,
        d.written_at,
        d.collected_at,
        row_to_json(whole)::text
    FROM {table} AS d
    CROSS JOIN LATERAL (SELECT {content}) AS whole
    WHERE {only}
    ORDER BY d.written_at NULLS FIRST, {place}
) TO STDOUT;

-- name: mark_collected
-- A row is marked only while it still is the row that was read: a correction made in between stays uncollected.

UPDATE {table} AS d
SET collected_at = clock_timestamp()
FROM unnest(%(places)s::text [], %(content_hashes)s::bytea []) AS seen (place, content_hash)
WHERE
    -- Named twice, so that no other row is looked at: one might not be readable.
    {read}
    AND {place} = seen.place::{kind_of_place}
    AND d.collected_at IS NULL
    AND {unlocked}
    AND sha256(convert_to(
        (SELECT row_to_json(whole)::text FROM (SELECT {content}) AS whole), 'UTF8'
    )) = seen.content_hash
RETURNING d.collected_at IS NOT NULL AS stays;
