-- Orders that a whole answer should have held and did not: reported, never deleted (DESIGN rule 11).

UPDATE {table} AS t
SET missing_since = %(requested_at)s
WHERE
    t.window_begin >= to_timestamp(%(begins)s::bigint)
    AND t.window_begin < to_timestamp(%(ends)s::bigint)
    AND t.window_end <= to_timestamp(%(ends)s::bigint)
    AND t.missing_since IS NULL
    AND NOT EXISTS (
        SELECT FROM {answer} AS a
        WHERE a.key = t.{key_column}
    )
    AND NOT t.{key_column} = any(%(bad_keys)s::text [])
