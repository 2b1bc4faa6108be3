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
SELECT hotline.end_answers(
    %(row_ids)s, %(interfaces)s, %(action)s, %(state)s, %(number)s, %(actor)s, %(reason)s
);

-- name: discard
SELECT hotline.discard_answers(%(row_ids)s, %(interfaces)s, %(actor)s, %(reason)s);

-- name: ask_again
SELECT hotline.ask_answers_again(%(row_ids)s, %(queries)s, %(actor)s, %(reason)s);
