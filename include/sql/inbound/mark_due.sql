-- Asks for another visit of a stretch (`split_windows.sql` came before, so that no more than the stretch is visited).

UPDATE hotline.collection_window
SET
    due_at = %(now)s,
    retry_at = NULL,
    due_because = %(because)s
WHERE
    interface = %(interface)s
    AND begins >= to_timestamp(%(begins)s::bigint)
    AND begins < to_timestamp(%(ends)s::bigint)
    AND ends <= to_timestamp(%(ends)s::bigint)
