INSERT INTO {table} (row_id, {columns}, content_hash, written_at)
SELECT
    v.delivery_id,
    {values},
    v.content_hash,
    v.written_at
FROM version AS v
WHERE v.is_current
