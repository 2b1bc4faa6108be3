-- Whether a run that asked later has been here already: then this answer is old (architecture: replace by order).
-- Neighbours count, since the second between them was asked with both. A visit more than an hour later was before the
-- clock was set back.

SELECT count(*) > 0 AS is_old
FROM hotline.collection_window AS w
WHERE
    w.interface = %(interface)s
    AND w.begins >= hotline.first_window(%(interface)s, to_timestamp(%(begins)s::bigint) - interval '1 second')
    AND w.begins <= to_timestamp(%(ends)s::bigint)
    AND w.ends >= to_timestamp(%(begins)s::bigint)
    AND w.visited_at > %(requested_at)s
    AND w.visited_at < %(requested_at)s + interval '1 hour'
