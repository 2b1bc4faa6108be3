-- name: find_quarantined
-- Quarantined versions by what an operator names: each filter counts only where it is given.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.reasons,
    d.written_at,
    d.discarded_at,
    d.body
FROM hotline.delivery AS d
WHERE
    d.state = 'quarantined'
    AND (%(discarded)s OR d.discarded_at IS NULL)
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s))
    AND (%(interface)s::text IS NULL OR d.interface = %(interface)s)
    AND (%(reason)s::text IS NULL OR %(reason)s = any(d.reasons))
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: log_release
INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    %(action)s,
    d.row_id,
    d.interface,
    d.key,
    'quarantined',
    d.state,
    %(reason)s
FROM hotline.delivery AS d
WHERE d.row_id = any(%(row_ids)s)
RETURNING delivery_id, state_after;

-- name: find_replayable
-- What a replay would send: refused versions, and waiting ones before their time; delivered ones only by key and on demand.
-- A version that a newer one has followed is left alone, and so is one in flight.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.state,
    d.code,
    d.message,
    d.body
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s)
    AND (
        d.state IN ('rejected', 'waiting')
        OR (%(delivered)s AND d.state = 'delivered' AND d.key = any(%(keys)s::text []))
    )
    AND d.claimed_until IS NULL
    AND d.discarded_at IS NULL
    AND d.body IS NOT NULL
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s))
    AND (%(code)s::text IS NULL OR d.code = %(code)s)
    AND (%(message)s::text IS NULL OR strpos(d.message, %(message)s) > 0)
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
    AND NOT EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.state IN ('waiting', 'delivered', 'rejected')
            AND newer.discarded_at IS NULL
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
    )
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: find_due
-- What a delivery that began now would claim, without claiming it; a half for each index of the queue.

WITH due AS (
    SELECT fresh.row_id
    FROM hotline.delivery AS fresh
    WHERE fresh.interface = any(%(interfaces)s) AND fresh.state = 'waiting' AND fresh.rounds = 0
    UNION ALL
    SELECT again.row_id
    FROM hotline.delivery AS again
    WHERE
        again.interface = any(%(interfaces)s)
        AND again.state IN ('waiting', 'rejected')
        AND again.rounds > 0
        AND again.next_attempt_at <= now()
)

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.state,
    d.code,
    d.message,
    d.body
FROM hotline.delivery AS d
WHERE
    d.row_id = any(array(
        SELECT due.row_id FROM due
        ORDER BY due.row_id
        LIMIT %(limit)s
    ))
ORDER BY d.row_id;

-- name: replay
SELECT hotline.replay_versions(%(row_ids)s, %(actor)s, %(reason)s);

-- name: find_discardable
-- Versions that can be given up, by what an operator names: each filter counts only where it is given.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.state,
    d.code,
    d.message,
    d.body
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s)
    AND d.state = any(%(states)s::text [])
    AND d.discarded_at IS NULL
    AND d.claimed_until IS NULL
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s))
    AND (%(code)s::text IS NULL OR d.code = %(code)s)
    AND (%(message)s::text IS NULL OR strpos(d.message, %(message)s) > 0)
    AND (%(day)s::date IS NULL OR (d.written_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: discard
SELECT hotline.discard_versions(%(row_ids)s, %(actor)s, %(reason)s);
