-- Per key the newest good version counts (architecture: never old after new). An older one that the platform certainly
-- has not got is superseded; one in flight, or of unknown outcome, keeps its place and the newer one waits for it. A
-- row without key has no newer one. A held version replaces only a held one: while it cannot be sent, the last good
-- content still may. What is another record under the same key is replaced by nothing.

UPDATE hotline.delivery AS old
SET state = 'superseded', settled_at = now(), next_attempt_at = NULL
FROM version AS v
WHERE
    old.interface = %(interface)s
    AND old.key = v.key
    AND v.key <> ''
    AND old.state IN ('waiting', 'rejected', 'held', 'quarantined')
    AND old.claimed_until IS NULL
    AND NOT old.outcome_unknown
    AND NOT %(shared)s = any(old.reasons)
    AND EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = old.interface
            AND newer.key = old.key
            AND (newer.written_at, newer.row_id) > (old.written_at, old.row_id)
            AND (
                newer.state IN ('waiting', 'delivered', 'rejected')
                OR (newer.state = 'held' AND old.state = 'held')
            )
    )
