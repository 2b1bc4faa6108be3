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
RETURNING d.collected_at IS NOT NULL AS stays
