-- name: batch_tables
-- The two stations of one batch, private to the connection and empty again at the end of every transaction. Times of the
-- batch are as 12345 wrote them: NULL, infinity, any year. A row with reasons is put aside, whatever the rules say of it.

CREATE TEMPORARY TABLE IF NOT EXISTS batch (
    position integer GENERATED ALWAYS AS IDENTITY,
    source_tid text NOT NULL,
    written_at timestamptz,
    collected_at timestamptz,
    body text NOT NULL,
    reasons text [] NOT NULL DEFAULT '{}'
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE IF NOT EXISTS version (
    position integer NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    written_at timestamptz NOT NULL,
    is_timed boolean NOT NULL,
    fields jsonb NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL,
    reasons text [] NOT NULL,
    flags text [] NOT NULL,
    delivery_id bigint,
    is_new boolean,
    is_current boolean
) ON COMMIT DELETE ROWS;

-- name: batch_again
-- Quarantined and held versions as a batch again, so that the same rules judge them as judge docking rows. One whose bytes are
-- escaped is not what 12345 meant, and stays.

INSERT INTO batch (source_tid, written_at, body)
SELECT
    '',
    d.written_at,
    convert_from(d.body, 'UTF8')
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s)
    AND d.interface = %(interface)s
    AND d.state IN ('quarantined', 'held')
    AND d.discarded_at IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest(d.reasons) AS r (reason)
        WHERE r.reason LIKE '%%:unreadable'
    )
ORDER BY d.row_id;

-- name: keep_times
-- Known content that is read again under a time that cannot be used: was it written again, or only read again? It was written
-- again where another content of its key is newer and is not read beside it. Else it keeps the time that it has, or a row
-- that a killed run had not marked would outdo what came after it (architecture: never old after new).

UPDATE version AS v
SET written_at = d.written_at
FROM hotline.delivery AS d
WHERE
    NOT v.is_timed
    AND d.interface = %(interface)s
    AND v.key = d.key
    AND v.content_hash = d.content_hash
    AND (
        v.key = ''
        OR NOT EXISTS (
            SELECT 1
            FROM hotline.delivery AS newer
            WHERE
                newer.interface = %(interface)s
                AND newer.key = v.key
                AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id) -- noqa: RF01
                AND NOT EXISTS (
                    SELECT 1 FROM version AS beside
                    WHERE beside.key = newer.key AND beside.content_hash = newer.content_hash
                )
        )
    );

-- name: hold_for_audit
-- Pre-audit (4.4): a good version is held until somebody passes its very content, where the deployment asks for it, the
-- order was returned at last, or this content was.

WITH decided AS (
    SELECT
        v.position,
        (
            SELECT a.decision FROM hotline.order_audit AS a
            WHERE a.interface = %(interface)s AND a.regino = v.key AND a.content_hash = v.content_hash
            ORDER BY a.row_id DESC
            LIMIT 1
        ) AS on_content,
        (
            SELECT a.decision FROM hotline.order_audit AS a
            WHERE a.interface = %(interface)s AND a.regino = v.key
            ORDER BY a.row_id DESC
            LIMIT 1
        ) AS on_order
    FROM version AS v
    WHERE v.state = 'waiting'
)

UPDATE version AS v
SET state = 'held'
FROM decided
WHERE
    v.position = decided.position
    AND decided.on_content IS DISTINCT FROM 'pass'
    AND (%(audit_required)s OR 'return' IN (decided.on_content, decided.on_order));

-- name: enqueue
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
WHERE v.key = queued.key AND v.content_hash = queued.content_hash;

-- name: supersede
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
    );

-- name: choose_current
-- Of the versions just queued, those that are the newest good one of their key: what the typed table has to hold.

UPDATE version AS v
SET is_current = TRUE
WHERE v.delivery_id = (
    SELECT d.row_id
    FROM hotline.delivery AS d
    WHERE d.interface = %(interface)s AND d.key = v.key AND d.reasons = '{}'
    ORDER BY d.written_at DESC, d.row_id DESC
    LIMIT 1
);

-- name: move_to_history
-- What is replaced goes to history. Equal content that was written again replaces nothing: its row only learns the new time.

WITH replaced AS (
    DELETE FROM {table} AS current
    USING version AS v
    WHERE v.is_current AND current.{key_column} = v.key
    RETURNING current.*
)

INSERT INTO {history} (row_id, {kept}, content_hash, written_at, loaded_at)
SELECT
    row_id,
    {kept},
    content_hash,
    written_at,
    loaded_at
FROM replaced
WHERE
    NOT EXISTS (
        SELECT 1 FROM version AS v
        WHERE v.is_current AND v.delivery_id = replaced.row_id
    );

-- name: insert_current
INSERT INTO {table} (row_id, {columns}, content_hash, written_at)
SELECT
    v.delivery_id,
    {values},
    v.content_hash,
    v.written_at
FROM version AS v
WHERE v.is_current;
