-- What was missing for a while and came back is not missing any more.

UPDATE {table}
SET
    missing_since = NULL,
    window_begin = to_timestamp(%(begins)s::bigint),
    window_end = to_timestamp(%(ends)s::bigint)
WHERE row_id = any(%(row_ids)s)
