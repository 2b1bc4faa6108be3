-- A mark, never a deletion: the version stays, and stays counted. What waited is held from now on; a newer version of the key
-- no longer waits for one that may have arrived, since somebody has decided.

WITH chosen AS (
    SELECT
        d.row_id,
        d.state
    FROM hotline.delivery AS d
    WHERE
        d.row_id = any(%(row_ids)s)
        AND d.state IN ('quarantined', 'rejected', 'held', 'waiting')
        AND d.discarded_at IS NULL
        AND d.claimed_until IS NULL
    FOR UPDATE
),

discarded AS (
    UPDATE hotline.delivery AS d
    SET
        state = CASE chosen.state WHEN 'waiting' THEN 'held' ELSE chosen.state END,
        discarded_at = now(),
        next_attempt_at = NULL,
        outcome_unknown = FALSE
    FROM chosen
    WHERE d.row_id = chosen.row_id
    RETURNING d.row_id, d.interface, d.key, chosen.state AS state_before, d.state
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    discarded.row_id,
    discarded.interface,
    discarded.key,
    discarded.state_before,
    discarded.state,
    %(reason)s
FROM discarded
RETURNING delivery_id
