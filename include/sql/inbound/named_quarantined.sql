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
FOR UPDATE
