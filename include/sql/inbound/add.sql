-- Good rows that are not there yet, by content. What was missing for a while and came back is not missing any more.

INSERT INTO {table} AS t (
    {names}, content_hash, flags, source, requested_at, window_begin, window_end
)
SELECT
    {names},
    a.content_hash,
    a.flags,
    %(interface)s,
    %(requested_at)s,
    to_timestamp(%(begins)s::bigint),
    to_timestamp(%(ends)s::bigint)
FROM {answer} AS a
ON CONFLICT ({key_column}, content_hash) DO UPDATE
    SET
        missing_since = NULL,
        window_begin = excluded.window_begin,
        window_end = excluded.window_end
    WHERE t.missing_since IS NOT NULL
