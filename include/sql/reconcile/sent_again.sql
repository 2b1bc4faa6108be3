-- Gives a version back that was sent once more; it was delivered before, and stays so whatever the platform said now.

UPDATE hotline.delivery
SET
    claimed_by = NULL,
    claimed_until = NULL,
    attempts = attempts + %(attempts)s
WHERE row_id = %(row_id)s AND claimed_by = %(run)s
