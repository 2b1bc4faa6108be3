-- What the platform's answers say of versions that were not settled, each with a row of who ran the restore and why.

WITH decided AS (
    SELECT
        d.row_id,
        d.interface,
        d.key,
        d.state AS state_before,
        found.state
    FROM unnest(%(row_ids)s::bigint [], %(states)s::text []) AS found (row_id, state)
    INNER JOIN hotline.delivery AS d ON found.row_id = d.row_id
    WHERE d.state IN ('waiting', 'rejected', 'held') AND d.state <> found.state AND d.discarded_at IS NULL
    FOR UPDATE OF d
),

settled AS (
    UPDATE hotline.delivery AS d
    SET
        state = decided.state,
        settled_at = CASE decided.state WHEN 'delivered' THEN now() END,
        next_attempt_at = NULL,
        outcome_unknown = FALSE,
        code = NULL,
        message = NULL,
        flags = CASE
            WHEN decided.state = 'held' AND NOT 'restore:differs' = any(d.flags) THEN d.flags || ARRAY['restore:differs']
            ELSE d.flags
        END
    FROM decided
    WHERE d.row_id = decided.row_id
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'restore',
    decided.row_id,
    decided.interface,
    decided.key,
    decided.state_before,
    decided.state,
    %(reason)s
FROM decided
RETURNING state_after
