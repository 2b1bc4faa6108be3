-- Gives back claims whose versions were not sent at all: they are as fresh, or as due, as before, also those that are due once
-- more for a reconciliation. One that a newer version
-- has followed meanwhile is superseded, as it would have been at once had nobody held it
-- (architecture: never old after new).

WITH released AS (
    SELECT
        d.row_id,
        d.state <> 'delivered' AND NOT d.outcome_unknown AND EXISTS (
            SELECT 1
            FROM hotline.delivery AS newer
            WHERE
                newer.interface = d.interface
                AND newer.key = d.key
                AND newer.row_id <> d.row_id
                AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
                AND newer.state IN ('waiting', 'delivered', 'rejected')
        ) AS overtaken
    FROM hotline.delivery AS d
    WHERE d.row_id = any(%(row_ids)s::bigint []) AND d.claimed_by = %(run)s
)

UPDATE hotline.delivery AS d
SET
    state = CASE WHEN released.overtaken THEN 'superseded' ELSE d.state END,
    settled_at = CASE WHEN released.overtaken THEN now() ELSE d.settled_at END,
    resend = CASE WHEN d.state = 'delivered' AND d.resend = 'taken' THEN 'due' ELSE d.resend END,
    rounds = d.rounds - 1,
    claimed_by = NULL,
    claimed_until = NULL,
    next_attempt_at = CASE WHEN d.state <> 'delivered' AND NOT released.overtaken THEN now() END
FROM released
WHERE d.row_id = released.row_id AND d.claimed_by = %(run)s
