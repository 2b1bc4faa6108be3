-- A mark, never a deletion: the version stays, and stays counted.

WITH discarded AS (
    UPDATE hotline.delivery
    SET discarded_at = now()
    WHERE row_id = any(%(row_ids)s) AND state = 'quarantined' AND discarded_at IS NULL
    RETURNING row_id, interface, key
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    discarded.row_id,
    discarded.interface,
    discarded.key,
    'quarantined',
    'quarantined',
    %(reason)s
FROM discarded
RETURNING delivery_id
