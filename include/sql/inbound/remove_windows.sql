-- Windows inside a stretch, whose place another one takes; `split_windows.sql` came before.

DELETE FROM hotline.collection_window
WHERE
    interface = %(interface)s
    AND begins >= to_timestamp(%(begins)s::bigint)
    AND ends <= to_timestamp(%(ends)s::bigint)
RETURNING due_at, due_because
