-- Gives back claims whose versions were not sent at all: they are as fresh, or as due, as before.

UPDATE hotline.delivery
SET
    rounds = rounds - 1,
    claimed_by = NULL,
    claimed_until = NULL,
    next_attempt_at = now()
WHERE row_id = any(%(row_ids)s::bigint []) AND claimed_by = %(run)s
