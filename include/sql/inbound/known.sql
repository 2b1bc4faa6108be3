-- What is stored of these orders, contents alone, as most answers repeat what is there; and of a whole answer to a window
-- the orders that it should have held. An order counts as asked for where its registration lies inside the
-- window for certain, or the window of its own answer does.
-- `rest_of_name` is what names a row beside its key. What was asked for more than an hour later than an answer that has just
-- come was asked for before the clock was set back.

SELECT
    t.row_id,
    t.{key_column},
    t.content_hash,
    {rest_of_name} AS rest_of_name,
    t.missing_since IS NOT NULL AS was_missing,
    t.requested_at > %(requested_at)s AND t.requested_at < %(requested_at)s + interval '1 hour' AS is_newer
FROM {table} AS t
WHERE
    t.{key_column} = any(%(keys)s::text [])
    OR (
        %(whole)s
        AND {moment} > to_timestamp(%(begins)s::bigint) - {begin_margin}
        AND {moment} < to_timestamp(%(ends)s::bigint)
        AND (
            {is_inside}
            OR (t.window_begin >= to_timestamp(%(begins)s::bigint) AND t.window_end <= to_timestamp(%(ends)s::bigint))
        )
    )
