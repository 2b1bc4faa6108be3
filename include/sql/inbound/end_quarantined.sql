-- One decision a row: it holds for the same row of the other interface that gives rows of this table, too (a query repeats what
-- a drain gave).

WITH named AS (
    SELECT
        q.interface,
        q.key,
        q.content_hash
    FROM hotline.quarantined_answer AS q
    WHERE q.row_id = any(%(row_ids)s)
),

chosen AS (
    SELECT
        q.row_id,
        q.state AS state_before
    FROM hotline.quarantined_answer AS q
    WHERE
        q.interface = any(%(interfaces)s::text [])
        AND q.state IN ('open', 'discarded')
        AND q.state <> %(state)s
        AND EXISTS (
            SELECT FROM named
            WHERE named.key = q.key AND named.content_hash = q.content_hash
        )
    ORDER BY q.row_id
    FOR UPDATE
),

ended AS (
    UPDATE hotline.quarantined_answer AS q
    SET state = %(state)s
    FROM chosen
    WHERE q.row_id = chosen.row_id
    RETURNING q.row_id, q.interface, q.key, chosen.state_before
),

recorded AS (
    INSERT INTO hotline.operator_action (actor, action, answer_id, interface, key, state_before, state_after, reason)
    SELECT
        %(actor)s,
        %(action)s,
        ended.row_id,
        ended.interface,
        coalesce(%(number)s::text, ended.key),
        ended.state_before,
        %(state)s,
        %(reason)s
    FROM ended
)

SELECT ended.row_id FROM ended
WHERE ended.row_id = any(%(row_ids)s)
