-- Orders that a whole answer should have held and did not: reported, never deleted (DESIGN rule 11).

UPDATE {table} AS t
SET missing_since = %(requested_at)s
WHERE
    t.window_begin >= to_timestamp(%(begins)s::bigint)
    AND t.window_begin < to_timestamp(%(ends)s::bigint)
    AND t.window_end <= to_timestamp(%(ends)s::bigint)
    AND t.missing_since IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest(%(keys)s::text []) AS a (key)
        WHERE a.key = t.{key_column}
    )
