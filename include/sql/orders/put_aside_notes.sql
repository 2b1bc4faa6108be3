-- Notes that our store refuses, or that hold bytes which are no text: kept as they came, and without effect. One is mended once
-- another content of its number could be read.

WITH note AS (
    SELECT
        b.body,
        b.reasons,
        hotline.note_key(b.body, %(key)s) AS note_key,
        left(b.body::jsonb ->> 'regino', 200) AS regino,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash,
        hotline.written_moment(b.written_at, b.collected_at) AS written_at
    FROM batch AS b
),

mended AS (
    UPDATE hotline.quarantined_note AS q
    SET state = 'replaced'
    FROM note AS n
    WHERE
        q.docking_table = %(table)s AND q.state = 'open'
        AND q.note_key = n.note_key AND q.content_hash <> n.content_hash AND n.reasons = '{}'
)

INSERT INTO hotline.quarantined_note AS known (
    docking_table, note_key, regino, content_hash, body, reasons, written_at
)
SELECT DISTINCT ON (n.content_hash)
    %(table)s,
    n.note_key,
    n.regino,
    n.content_hash,
    n.body,
    n.reasons,
    n.written_at
FROM note AS n
WHERE n.reasons <> '{}'
ORDER BY n.content_hash ASC, n.written_at DESC
ON CONFLICT (docking_table, content_hash) DO UPDATE
    SET
        reasons = excluded.reasons,
        written_at = greatest(known.written_at, excluded.written_at),
        state = CASE known.state WHEN 'replaced' THEN 'open' ELSE known.state END
