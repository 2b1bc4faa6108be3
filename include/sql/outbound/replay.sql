-- Makes versions due now; the next delivery sends them, byte for byte as they are stored. A refused one is tried for another
-- week from its next refusal.

WITH due AS (
    SELECT
        d.row_id,
        d.state
    FROM hotline.delivery AS d
    WHERE
        d.row_id = any(%(row_ids)s)
        AND d.state IN ('rejected', 'waiting', 'delivered')
        AND d.claimed_until IS NULL
        AND d.discarded_at IS NULL
        AND d.body IS NOT NULL
    FOR UPDATE
),

made_due AS (
    UPDATE hotline.delivery AS d
    SET
        state = 'waiting',
        rounds = greatest(d.rounds, 1),
        next_attempt_at = now(),
        first_refused_at = NULL,
        settled_at = NULL,
        resend = CASE d.resend WHEN 'due' THEN 'lapsed' ELSE d.resend END
    FROM due
    WHERE d.row_id = due.row_id
    RETURNING d.row_id, d.interface, d.key, due.state AS state_before
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'replay',
    made_due.row_id,
    made_due.interface,
    made_due.key,
    made_due.state_before,
    'waiting',
    %(reason)s
FROM made_due
RETURNING delivery_id
