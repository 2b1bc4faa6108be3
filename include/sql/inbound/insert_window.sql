-- What a visit found, and when to come again. Beyond the last tier only while an order of the window is open (DESIGN rule 10).

INSERT INTO hotline.collection_window (
    interface, begins, ends, state, row_count, request_count, visited_at, due_at, due_because
)
SELECT
    %(interface)s,
    to_timestamp(%(begins)s::bigint),
    to_timestamp(%(ends)s::bigint),
    %(state)s,
    %(row_count)s,
    %(request_count)s,
    %(requested_at)s,
    CASE
        WHEN %(asked_at)s::timestamptz IS NOT NULL THEN %(asked_at)s
        WHEN NOT %(only_open)s OR EXISTS (
            SELECT FROM hotline.open_order AS o
            WHERE
                o.registime >= to_timestamp(%(begins)s::bigint) - interval '1 minute'
                AND o.registime <= to_timestamp(%(ends)s::bigint)
        ) THEN %(requested_at)s::timestamptz + %(again)s::interval
    END,
    CASE WHEN %(asked_at)s::timestamptz IS NULL THEN 'age' ELSE 'asked' END
