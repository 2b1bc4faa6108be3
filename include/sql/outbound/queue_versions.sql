-- One row a version. A version that is known already only learns that it was written again: content that comes back
-- after it was replaced before it was ever sent is due once more; content that was sent is never sent again
-- (architecture: never old after new). What was quarantined takes the verdict of today's rules, and what was held is
-- due once nothing holds it any more. Content that somebody gave up stays given up.

WITH queued AS (
    INSERT INTO hotline.delivery AS known (
        interface, key, content_hash, state, written_at, reasons, flags, body, body_sha256, next_attempt_at
    )
    SELECT
        %(interface)s,
        v.key,
        v.content_hash,
        v.state,
        v.written_at,
        v.reasons,
        v.flags,
        v.body,
        v.content_hash,
        CASE WHEN v.state = 'waiting' THEN now() END
    FROM version AS v
    ORDER BY v.written_at, v.position
    ON CONFLICT (interface, key, content_hash) DO UPDATE
        SET
            written_at = greatest(known.written_at, excluded.written_at),
            state = CASE
                WHEN known.discarded_at IS NOT NULL THEN known.state
                WHEN known.state IN ('superseded', 'quarantined', 'held') THEN excluded.state
                ELSE known.state
            END,
            reasons = excluded.reasons,
            body = CASE WHEN known.state = 'superseded' THEN excluded.body ELSE known.body END,
            next_attempt_at = CASE
                WHEN known.discarded_at IS NOT NULL THEN NULL
                WHEN known.state IN ('superseded', 'quarantined', 'held') THEN excluded.next_attempt_at
                ELSE known.next_attempt_at
            END
        WHERE
        excluded.written_at > known.written_at
        OR (known.state = 'quarantined' AND excluded.reasons <> known.reasons AND known.discarded_at IS NULL)
        OR (known.state = 'held' AND excluded.state = 'waiting' AND known.discarded_at IS NULL)
    RETURNING known.row_id, known.key, known.content_hash, known.xmax = 0 AS is_new
)

UPDATE version AS v
SET delivery_id = queued.row_id, is_new = queued.is_new
FROM queued
WHERE v.key = queued.key AND v.content_hash = queued.content_hash
