-- Every content of every note, once. A note without a number is named by its content. A content that is written again
-- only learns the new time.

INSERT INTO {table} AS known (note_key, {columns}, content_hash, written_at)
SELECT
    n.note_key,
    {values},
    n.content_hash,
    n.written_at
FROM (
    SELECT
        b.body::jsonb AS fields,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash,
        -- A clock of 12345 that runs ahead must not make a note newer than its own corrections.
        least(max(b.written_at), now()) AS written_at,
        max(b.position) AS place,
        hotline.note_key(b.body, {key}) AS note_key
    FROM batch AS b
    GROUP BY b.body
) AS n
ORDER BY n.written_at, n.place
ON CONFLICT (note_key, content_hash) DO UPDATE
    SET written_at = excluded.written_at
    WHERE excluded.written_at > known.written_at
