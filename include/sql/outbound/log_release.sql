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
RETURNING delivery_id, state_after
