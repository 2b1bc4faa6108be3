-- A row is marked only while it still is the row that was read: a correction made in between stays uncollected.

UPDATE {table} AS d
SET collected_at = clock_timestamp()
FROM unnest(%(source_tids)s::text [], %(content_hashes)s::bytea []) AS seen (source_tid, content_hash)
WHERE
    d.ctid = seen.source_tid::tid
    AND d.collected_at IS NULL
    AND {unlocked}
    AND sha256(convert_to(
        (SELECT row_to_json(whole)::text FROM (SELECT {content}) AS whole), 'UTF8'
    )) = seen.content_hash
RETURNING d.collected_at IS NOT NULL AS stays
