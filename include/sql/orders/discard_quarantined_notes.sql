-- Rows that were put aside and that somebody gives up; what 12345 writes under their number later counts.

WITH discarded AS (
    UPDATE hotline.quarantined_note AS q
    SET state = 'discarded'
    WHERE q.row_id = any(%(row_ids)s) AND q.state = 'open'
    RETURNING q.docking_table, q.regino
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    discarded.docking_table,
    discarded.regino,
    'quarantined',
    'discarded',
    %(reason)s
FROM discarded
