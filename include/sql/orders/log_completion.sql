INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
VALUES (
    %(actor)s,
    %(action)s,
    %(row_id)s,
    %(interface)s,
    %(regino)s,
    %(state_before)s,
    %(state_after)s,
    %(reason)s
)
