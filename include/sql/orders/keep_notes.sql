-- Every content of every note, once. A note without a number is named by its content. A content that is written again
-- only learns the new time; one without a usable time was written again where another has taken its place since and is
-- not read beside it (as in outbound/keep_times.sql).

WITH note AS (
    SELECT
        b.body::jsonb AS fields,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash,
        hotline.written_moment(max(b.written_at), max(b.collected_at)) AS written_at,
        hotline.is_usable(max(b.written_at)) AS is_timed,
        max(b.position) AS place,
        hotline.note_key(b.body, {key}) AS note_key
    FROM batch AS b
    GROUP BY b.body
)

INSERT INTO {table} AS known (note_key, {columns}, content_hash, written_at)
SELECT
    n.note_key,
    {values},
    n.content_hash,
    n.written_at
FROM note AS n
ORDER BY n.written_at, n.place
ON CONFLICT (note_key, content_hash) DO UPDATE
    SET written_at = excluded.written_at
    WHERE
    excluded.written_at > known.written_at
    AND (
        (
            SELECT n.is_timed FROM note AS n
            WHERE n.note_key = excluded.note_key AND n.content_hash = excluded.content_hash -- noqa: RF01
        )
        OR NOT (
            known.is_current
            OR EXISTS (
                SELECT 1 FROM {table} AS newer
                INNER JOIN note AS beside ON newer.note_key = beside.note_key AND newer.content_hash = beside.content_hash
                WHERE newer.note_key = known.note_key AND newer.is_current -- noqa: RF01
            )
        )
    )
