-- name: find_audited
-- Versions that wait for a decision; on demand those that were returned, and what a return would hold back as well.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.content_hash,
    d.state,
    d.written_at,
    d.flags,
    d.body,
    CASE WHEN d.is_returned THEN 'return' END AS decision
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s::text [])
    AND d.state = any(%(states)s::text [])
    AND d.claimed_until IS NULL
    AND d.discarded_at IS NULL
    AND NOT d.outcome_unknown
    AND (%(decided)s OR NOT d.is_returned)
    AND (%(keys)s::text [] IS NULL OR d.key = any(%(keys)s::text []))
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s::bigint []))
    AND (%(doubtful)s::boolean IS NULL OR (d.flags <> '{}') = %(doubtful)s)
    AND d.row_id > %(after)s
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: count_audited
-- How many wait for a decision, counted so far and no farther.

SELECT
    count(*) AS versions,
    min(w.taken_in_at) AS oldest
FROM (
    SELECT d.taken_in_at FROM hotline.delivery AS d
    WHERE
        d.interface = any(%(interfaces)s::text [])
        AND d.state = 'held'
        AND d.discarded_at IS NULL
        AND NOT d.is_returned
    ORDER BY d.row_id
    LIMIT %(most)s
) AS w;

-- name: decide
-- One decision a version, recorded with who and why. What is returned is held for good; what is passed is judged again
-- right after this, in the same transaction. A version that went out meanwhile is left alone.

WITH decided AS (
    SELECT
        d.row_id,
        d.interface,
        d.key,
        d.content_hash,
        d.state
    FROM hotline.delivery AS d
    WHERE
        d.row_id = any(%(row_ids)s::bigint [])
        AND (
            d.state = any(%(states)s::text [])
            -- A correction came since the operator looked: the order is returned all the same.
            OR (
                %(decision)s = 'return'
                AND d.state = 'superseded'
                AND EXISTS (
                    SELECT 1
                    FROM hotline.delivery AS newer
                    WHERE
                        newer.interface = d.interface
                        AND newer.key = d.key
                        AND newer.state = any(%(states)s::text []) -- noqa: RF02
                        AND newer.claimed_until IS NULL
                        AND NOT newer.outcome_unknown
                )
            )
        )
        AND d.claimed_until IS NULL
        AND d.discarded_at IS NULL
        AND NOT d.outcome_unknown
        -- Somebody returned it since the operator looked: that is a decision, and stays until somebody who knows it passes it.
        AND (NOT d.is_returned OR d.row_id = any(%(seen_returned)s::bigint []))
    FOR UPDATE
),

held AS (
    UPDATE hotline.delivery AS d
    SET state = 'held', next_attempt_at = NULL, settled_at = NULL
    FROM decided
    WHERE
        (d.row_id = decided.row_id AND decided.state IN ('waiting', 'rejected'))
        -- That correction is held with it, undecided.
        OR (
            %(decision)s = 'return'
            AND d.interface = decided.interface
            AND d.key = decided.key
            AND d.state IN ('waiting', 'rejected')
            AND d.claimed_until IS NULL
            AND NOT d.outcome_unknown
        )
),

recorded AS (
    INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)
    SELECT
        decided.interface,
        decided.key,
        decided.content_hash,
        %(decision)s,
        %(office)s,
        %(person)s,
        %(reason)s
    FROM decided
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'audit_' || %(decision)s,
    decided.row_id,
    decided.interface,
    decided.key,
    decided.state,
    CASE
        WHEN %(decision)s = 'pass' THEN 'waiting'
        WHEN decided.state = 'superseded' THEN decided.state
        ELSE 'held'
    END,
    %(reason)s
FROM decided
RETURNING delivery_id;
