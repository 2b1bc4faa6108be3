-- name: open_gaps
-- Makes windows for whatever has none in a stretch: at either end, or where somebody took one out. Windows before the stretch
-- are not looked at; those in it are read from the index alone.

WITH neighbour AS (
    SELECT
        w.ends AS begins,
        lead(w.begins, 1, to_timestamp(%(ends)s::bigint)) OVER (ORDER BY w.ends) AS ends
    FROM hotline.collection_window AS w
    WHERE w.interface = %(interface)s AND w.ends >= to_timestamp(%(begins)s::bigint)
    UNION ALL
    SELECT
        to_timestamp(%(begins)s::bigint) AS begins,
        coalesce(
            (
                SELECT w.begins FROM hotline.collection_window AS w
                WHERE w.interface = %(interface)s AND w.ends >= to_timestamp(%(begins)s::bigint)
                ORDER BY w.ends
                LIMIT 1
            ),
            to_timestamp(%(ends)s::bigint)
        ) AS ends
),

gap AS (
    SELECT
        greatest(n.begins, to_timestamp(%(begins)s::bigint)) AS begins,
        least(n.ends, to_timestamp(%(ends)s::bigint)) AS ends
    FROM neighbour AS n
)

INSERT INTO hotline.collection_window (interface, begins, ends, state, due_at, due_because)
SELECT
    %(interface)s,
    gap.begins,
    gap.ends,
    'open',
    %(now)s::timestamptz,
    'new'
FROM gap
WHERE gap.begins < gap.ends;

-- name: split_windows
-- Cuts the windows of an interface at both ends of a stretch, so that each lies wholly inside or outside of it.

WITH cut AS (
    SELECT
        w.row_id,
        w.ends,
        p.at
    FROM hotline.collection_window AS w
    INNER JOIN unnest(
        ARRAY[to_timestamp(%(begins)s::bigint), to_timestamp(%(ends)s::bigint)]
    ) AS p (at) ON w.begins < p.at AND w.ends > p.at
    WHERE
        w.interface = %(interface)s
        AND w.begins >= hotline.first_window(%(interface)s, to_timestamp(%(begins)s::bigint))
        AND w.begins < to_timestamp(%(ends)s::bigint)
),

part AS (
    SELECT
        cut.row_id,
        cut.at AS begins,
        coalesce(lead(cut.at) OVER (PARTITION BY cut.row_id ORDER BY cut.at), cut.ends) AS ends,
        min(cut.at) OVER (PARTITION BY cut.row_id) AS first_cut
    FROM cut
),

shortened AS (
    UPDATE hotline.collection_window AS w
    SET
        ends = part.first_cut,
        row_count = NULL
    FROM part
    WHERE w.row_id = part.row_id AND part.begins = part.first_cut
)

INSERT INTO hotline.collection_window (
    interface, begins, ends, state, request_count, visited_at, due_at, retry_at, due_because, message
)
SELECT
    w.interface,
    part.begins,
    part.ends,
    w.state,
    0,
    w.visited_at,
    w.due_at,
    w.retry_at,
    w.due_because,
    w.message
FROM part INNER JOIN hotline.collection_window AS w ON part.row_id = w.row_id;

-- name: mark_due
-- Asks for another visit of a stretch (`split_windows` came before, so that no more than the stretch is visited).

UPDATE hotline.collection_window
SET
    due_at = %(now)s,
    retry_at = NULL,
    due_because = %(because)s
WHERE
    interface = %(interface)s
    AND begins >= to_timestamp(%(begins)s::bigint)
    AND begins < to_timestamp(%(ends)s::bigint)
    AND ends <= to_timestamp(%(ends)s::bigint);

-- name: bound_waits
-- No window waits longer than it may from now: what was visited, asked for or put off later than now, as the clock was set back
-- since, is due at once, and no answer of today counts as older than that visit.

UPDATE hotline.collection_window AS w
SET
    due_at = least(w.due_at, %(now)s::timestamptz),
    retry_at = NULL,
    visited_at = CASE WHEN w.visited_at IS NOT NULL THEN least(w.visited_at, %(now)s::timestamptz) END
WHERE
    w.interface = %(interface)s
    AND (
        w.visited_at > %(now)s::timestamptz + %(ahead)s::interval
        OR (w.due_because <> 'age' AND greatest(w.due_at, w.retry_at) > %(now)s::timestamptz + %(ahead)s::interval)
    );

-- name: all_windows
-- All windows of a stretch in order, and which of them are to be visited now.

SELECT
    w.row_count,
    w.due_because,
    extract(EPOCH FROM w.begins)::bigint AS begins,
    extract(EPOCH FROM w.ends)::bigint AS ends,
    coalesce(greatest(w.due_at, w.retry_at) <= %(now)s::timestamptz AND w.due_at IS NOT NULL, FALSE) AS is_due
FROM hotline.collection_window AS w
WHERE
    w.interface = %(interface)s
    AND w.ends > to_timestamp(%(begins)s::bigint)
    AND w.begins < to_timestamp(%(ends)s::bigint)
ORDER BY w.begins;

-- name: due_windows
-- Windows of a stretch that are to be visited now, and those beside them that one request may answer along with them, in order:
-- but for those that failed and rest, or they would make their neighbours fail with them.

SELECT DISTINCT
    near.row_count,
    near.due_because,
    near.begins,
    near.ends,
    near.is_due
FROM (
    SELECT d.begins
    FROM hotline.collection_window AS d
    WHERE
        d.interface = %(interface)s
        AND d.due_at <= %(now)s::timestamptz
        AND d.ends > to_timestamp(%(begins)s::bigint)
        AND d.begins < to_timestamp(%(ends)s::bigint)
) AS due
CROSS JOIN
    LATERAL (
        SELECT
            w.row_count,
            w.due_because,
            extract(EPOCH FROM w.begins)::bigint AS begins,
            extract(EPOCH FROM w.ends)::bigint AS ends,
            coalesce(greatest(w.due_at, w.retry_at) <= %(now)s::timestamptz AND w.due_at IS NOT NULL, FALSE) AS is_due
        FROM hotline.collection_window AS w
        WHERE
            w.interface = %(interface)s
            AND w.begins >= due.begins - %(longest)s::interval
            AND w.begins <= due.begins + %(longest)s::interval
            AND coalesce(w.retry_at <= %(now)s::timestamptz, TRUE)
            AND w.ends > to_timestamp(%(begins)s::bigint)
            AND w.begins < to_timestamp(%(ends)s::bigint)
    ) AS near
ORDER BY near.begins;

-- name: newer_visit
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
    AND w.visited_at < %(requested_at)s + interval '1 hour';

-- name: open_order
-- An order of a stretch that is open, if there is one (architecture: registration time); by the minute, as seconds may
-- lack (architecture: closed windows).

SELECT o.regino
FROM hotline.open_order AS o
WHERE
    o.registime >= to_timestamp(%(begins)s::bigint) - interval '1 minute'
    AND o.registime <= to_timestamp(%(ends)s::bigint)
ORDER BY o.registime
LIMIT 1;

-- name: record_visit
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
FROM visit CROSS JOIN asked;

-- name: mark_failed
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
    AND due_at <= %(now)s::timestamptz;

-- name: mark_late
-- An order that was delivered after the window of its registration was visited is due at once
-- (architecture: registration time), unless the window is visited soon anyway. Windows that are being visited just now
-- are left: the next run looks again.

WITH query AS (
    SELECT asked.name FROM unnest(%(queries)s::text []) AS asked (name)
),

delivered AS (
    SELECT
        d.key,
        d.settled_at,
        d.settled_at + %(visible_after)s::interval AS visible_at
    FROM hotline.delivery AS d
    WHERE d.interface = {interface} AND d.state = 'delivered' AND d.settled_at >= %(since)s
),

late AS (
    SELECT
        o.registime,
        delivered.visible_at
    FROM delivered
    INNER JOIN {order_table} AS o ON delivered.key = o.{order_key}
    WHERE
        NOT EXISTS (
            SELECT 1 FROM {case_table} AS known
            WHERE known.{case_key} = delivered.key
        )
        AND NOT EXISTS (
            SELECT 1 FROM {returned_table} AS refused
            WHERE refused.{returned_key} = delivered.key
        )
),

place AS (
    SELECT
        late.registime,
        late.visible_at,
        (
            SELECT w.row_id
            FROM hotline.collection_window AS w
            WHERE w.interface = query.name AND w.begins <= late.registime
            ORDER BY w.begins DESC
            LIMIT 1
        ) AS window_id
    FROM late CROSS JOIN query
),

chosen AS (
    SELECT w.row_id
    FROM place INNER JOIN hotline.collection_window AS w ON place.window_id = w.row_id
    WHERE
        coalesce(w.due_at > %(now)s::timestamptz + %(soon)s::interval, TRUE) -- noqa: RF02
        AND place.registime < w.ends
        AND place.visible_at > w.visited_at
    FOR UPDATE OF w SKIP LOCKED
)

UPDATE hotline.collection_window AS w
SET due_at = %(now)s, due_because = 'asked'
FROM chosen
WHERE w.row_id = chosen.row_id;

-- name: mark_awakened
-- A window that nobody visits any more, as no order of it was open, is due at once when the case of an order came into it.

WITH query AS (
    SELECT asked.name FROM unnest(%(queries)s::text []) AS asked (name)
),

come AS (
    SELECT
        c.registime,
        c.loaded_at
    FROM {case_table} AS c
    WHERE
        c.loaded_at >= %(since)s
        AND c.registime < (
            SELECT max(asleep.ends) FROM hotline.collection_window AS asleep
            WHERE asleep.due_at IS NULL
        )
),

place AS (
    SELECT
        come.registime,
        come.loaded_at,
        (
            SELECT w.row_id
            FROM hotline.collection_window AS w
            WHERE w.interface = query.name AND w.begins <= come.registime
            ORDER BY w.begins DESC
            LIMIT 1
        ) AS window_id
    FROM come CROSS JOIN query
),

chosen AS (
    SELECT w.row_id
    FROM place INNER JOIN hotline.collection_window AS w ON place.window_id = w.row_id
    WHERE w.due_at IS NULL AND place.registime < w.ends AND place.loaded_at > w.visited_at
    FOR UPDATE OF w SKIP LOCKED
)

UPDATE hotline.collection_window AS w
SET due_at = %(now)s, due_because = 'asked'
FROM chosen
WHERE w.row_id = chosen.row_id;

-- name: registered
-- Registration times of the orders known in some stretches, in seconds since 1970: what windows are planned by. Each stretch is
-- looked up by itself, so that a run reads as much as it visits, however many years are stored.

SELECT extract(EPOCH FROM o.registime)::bigint AS registered
FROM unnest(%(begins)s::bigint [], %(ends)s::bigint []) AS stretch (begins, ends)
CROSS JOIN
    LATERAL (
        SELECT r.registime
        FROM hotline.registered_order AS r
        WHERE
            r.registime >= to_timestamp(stretch.begins)
            AND r.registime < to_timestamp(stretch.ends)
            AND (%(kind)s::text IS NULL OR r.kind = %(kind)s)
    ) AS o;

-- name: status
-- What is asked of the platform, by interface: windows of registration time, those that are late or not whole, and the last
-- answer of the last two days. Columns are read by place.

SELECT -- noqa: ST06
    asked.interface,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface
    ) AS windows,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface AND w.due_at <= now()
    ) AS due,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface AND w.due_because = 'failed'
    ) AS failed,
    (
        SELECT count(*) FROM hotline.unaccepted AS u
        WHERE u.subject = asked.interface AND u.unexplained IS NULL
    ) AS incomplete,
    (
        SELECT max(l.started_at) FROM hotline.interaction_log AS l
        WHERE
            l.interface = asked.interface
            AND l.outcome IN ('delivered', 'duplicate')
            AND l.started_at > now() - interval '2 days'
    ) AS answered_at
FROM unnest(%(interfaces)s::text []) WITH ORDINALITY AS asked (interface, place)
ORDER BY asked.place;
