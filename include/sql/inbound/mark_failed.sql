-- A visit that brought nothing: the windows stay as they were otherwise, due since when they were, and are asked again soon.

UPDATE hotline.collection_window
SET
    state = CASE WHEN state IN ('settled', 'incomplete') THEN state ELSE 'failed' END,
    retry_at = %(again)s,
    due_because = 'failed',
    message = %(message)s
WHERE
    interface = %(interface)s
    AND begins >= hotline.first_window(%(interface)s, to_timestamp(%(begins)s::bigint))
    AND begins < to_timestamp(%(ends)s::bigint)
    AND ends > to_timestamp(%(begins)s::bigint)
    AND due_at <= %(now)s::timestamptz
