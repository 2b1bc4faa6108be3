-- name: find_quarantined
-- Rows of answers in quarantine by what an operator names, newest last; each filter counts only where it is given.

SELECT
    q.row_id,
    q.interface,
    q.key,
    q.reasons,
    q.raw,
    q.state,
    q.first_seen_at
FROM hotline.quarantined_answer AS q
WHERE
    (%(every_state)s OR q.state = 'open')
    AND (%(row_ids)s::bigint [] IS NULL OR q.row_id = any(%(row_ids)s))
    AND (%(rule)s::text IS NULL OR %(rule)s = any(q.reasons))
    AND (%(interface)s::text IS NULL OR q.interface = %(interface)s)
    AND (%(key)s::text IS NULL OR q.key = %(key)s)
ORDER BY q.row_id
LIMIT %(limit)s;

-- name: named_quarantined
-- Rows that somebody names and that were not taken in; nobody changes them until this transaction ends.

SELECT
    q.row_id,
    q.key,
    q.raw,
    q.last_seen_at,
    extract(EPOCH FROM q.window_begin)::bigint AS begins,
    extract(EPOCH FROM q.window_end)::bigint AS ends
FROM hotline.quarantined_answer AS q
WHERE q.row_id = any(%(row_ids)s) AND q.interface = %(interface)s AND q.state IN ('open', 'discarded')
ORDER BY q.row_id
FOR UPDATE;

-- name: end_quarantined
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
WHERE ended.row_id = any(%(row_ids)s);

-- name: ask_again
-- Makes the windows due that the queries of these rows' table have where the rows were found, or where their orders were
-- registered: the next collection asks them, and what the platform has mended comes in.

WITH named AS (
    SELECT
        q.row_id,
        q.interface,
        q.key,
        coalesce(q.window_begin, o.registime) AS begins,
        coalesce(q.window_end, o.registime + interval '1 second') AS ends
    FROM hotline.quarantined_answer AS q
    LEFT JOIN hotline.registered_order AS o ON q.key = o.regino
    WHERE q.row_id = any(%(row_ids)s) AND q.state = 'open'
),

placed AS (
    SELECT
        named.row_id,
        w.row_id AS window_id
    FROM named
    INNER JOIN hotline.collection_window AS w ON named.begins < w.ends AND named.ends > w.begins
    WHERE w.interface = any(%(queries)s::text []) -- noqa: RF02
),

asked AS (
    UPDATE hotline.collection_window AS w
    SET
        due_at = now(),
        retry_at = NULL,
        due_because = 'asked'
    WHERE w.row_id IN (SELECT placed.window_id FROM placed)
    RETURNING w.row_id
)

INSERT INTO hotline.operator_action (actor, action, answer_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'ask_again',
    named.row_id,
    named.interface,
    named.key,
    'open',
    'open',
    %(reason)s
FROM named
WHERE
    named.row_id IN (
        SELECT placed.row_id
        FROM placed INNER JOIN asked ON placed.window_id = asked.row_id
    )
RETURNING answer_id;
