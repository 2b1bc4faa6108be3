-- A note that is no longer the current one is laid over nothing; what 12345 writes under its number later is.

WITH discarded AS (
    UPDATE {table} AS n
    SET is_current = FALSE
    WHERE
        n.row_id = any(%(row_ids)s)
        AND n.is_current
        AND NOT EXISTS (
            SELECT FROM hotline.order_source AS known
            WHERE known.key = n.regino
        )
    RETURNING n.regino
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    %(table_name)s,
    left(discarded.regino, 200),
    'waiting',
    'discarded',
    %(reason)s
FROM discarded
