-- A stretch was visited: one window takes the place of all inside it, and what reaches out of it stays as it was. Whoever
-- asked for a visit while the answer was under way has not been answered.

WITH visit (interface, begins, ends, state, row_count, request_count, visited_at, due_at) AS (
    SELECT
        %(interface)s,
        to_timestamp(%(begins)s::bigint),
        to_timestamp(%(ends)s::bigint),
        %(state)s,
        %(row_count)s::integer,
        %(request_count)s::integer,
        %(requested_at)s::timestamptz,
        %(again_at)s::timestamptz
),

removed AS (
    DELETE FROM hotline.collection_window AS w
    WHERE
        w.interface = %(interface)s
        AND w.begins >= hotline.first_window(%(interface)s, to_timestamp(%(begins)s::bigint))
        AND w.begins < to_timestamp(%(ends)s::bigint)
        AND w.ends > to_timestamp(%(begins)s::bigint)
    RETURNING w.*
),

asked AS (
    SELECT max(removed.due_at) AS due_at
    FROM removed CROSS JOIN visit
    WHERE removed.due_because = 'asked' AND removed.due_at > visit.visited_at
)

INSERT INTO hotline.collection_window (
    interface, begins, ends, state, row_count, request_count, visited_at, due_at, retry_at, due_because, message
)
SELECT
    r.interface,
    r.begins,
    visit.begins AS ends,
    r.state,
    NULL::integer AS row_count,
    r.request_count,
    r.visited_at,
    r.due_at,
    r.retry_at,
    r.due_because,
    r.message
FROM removed AS r CROSS JOIN visit
WHERE r.begins < visit.begins
UNION ALL
SELECT
    r.interface,
    visit.ends AS begins,
    r.ends,
    r.state,
    NULL::integer AS row_count,
    0 AS request_count,
    r.visited_at,
    r.due_at,
    r.retry_at,
    r.due_because,
    r.message
FROM removed AS r CROSS JOIN visit
WHERE r.ends > visit.ends
UNION ALL
SELECT
    visit.interface,
    visit.begins,
    visit.ends,
    visit.state,
    visit.row_count,
    visit.request_count,
    visit.visited_at,
    coalesce(asked.due_at, visit.due_at) AS due_at,
    NULL::timestamptz AS retry_at,
    CASE WHEN asked.due_at IS NULL THEN 'age' ELSE 'asked' END AS due_because,
    NULL::text AS message
FROM visit CROSS JOIN asked
