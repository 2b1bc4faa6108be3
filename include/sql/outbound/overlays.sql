-- name: keep_sources
-- The newest content of each order as 12345 wrote it, whether it passes the rules or not; but not what another order of this number
-- says.

INSERT INTO hotline.order_source AS known (interface, key, body, written_at)
SELECT DISTINCT ON (v.key)
    %(interface)s,
    v.key,
    v.body,
    v.written_at
FROM version AS v
WHERE v.key <> '' AND NOT %(shared)s = any(v.reasons)
ORDER BY v.key ASC, v.written_at DESC, v.position DESC
ON CONFLICT (interface, key) DO UPDATE
    SET body = excluded.body, written_at = excluded.written_at
    WHERE excluded.written_at >= known.written_at;

-- name: overlaid_in_batch
-- Orders of the batch that anything is or ever was applied to: their newest version is timed by our own clock, so that a content
-- of 12345 that was written before it and read after it would be taken for old.

SELECT DISTINCT v.key
FROM version AS v
WHERE
    v.key <> ''
    AND (
        EXISTS (
            SELECT 1 FROM hotline.order_completion AS c
            WHERE c.interface = %(interface)s AND c.regino = v.key
        )
        OR EXISTS (
            SELECT 1 FROM hotline.order_supplement AS s
            WHERE s.regino = v.key
        )
    );

-- name: pending
-- What has not been applied to a known order yet, with the order: one row for each kind of order of that number.

SELECT
    s.interface,
    s.key,
    'order_completion' AS of_table,
    c.row_id
FROM hotline.order_completion AS c
INNER JOIN hotline.order_source AS s ON c.interface = s.interface AND c.regino = s.key
WHERE c.laid_at IS NULL
UNION ALL
SELECT
    s.interface,
    s.key,
    'order_supplement' AS of_table,
    n.row_id
FROM hotline.order_supplement AS n
INNER JOIN hotline.order_source AS s ON n.regino = s.key
WHERE n.laid_at IS NULL;

-- name: completions
SELECT
    c.regino,
    c.field,
    c.value
FROM hotline.order_completion AS c
WHERE c.interface = %(interface)s AND c.regino = any(%(keys)s::text []) AND c.ended_at IS NULL;

-- name: supplements
-- In the order in which 12345 says that they were made; where its time cannot be read, by when they were written. The time is
-- told as a clock in Shanghai shows it: no program has to read it, whatever its year.

SELECT
    s.regino,
    s.content,
    to_char(m.made_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') AS made_at
FROM hotline.order_supplement AS s
CROSS JOIN LATERAL (SELECT coalesce(hotline.wire_time(s.supplementtime), s.written_at) AS made_at) AS m
WHERE s.regino = any(%(keys)s::text []) AND s.is_current AND NOT hotline.is_blank(s.content)
ORDER BY m.made_at, s.row_id;

-- name: end_completions
UPDATE hotline.order_completion AS c
SET ended_at = now(), ended_by = %(actor)s
WHERE
    c.interface = %(interface)s
    AND c.regino = %(regino)s
    AND c.field = any(%(fields)s::text [])
    AND c.ended_at IS NULL;

-- name: add_completions
-- Applied at once, in this transaction.

INSERT INTO hotline.order_completion (interface, regino, field, value, actor, reason, laid_at)
SELECT
    %(interface)s,
    %(regino)s,
    added.field,
    added.value,
    %(actor)s,
    %(reason)s,
    now()
FROM unnest(%(fields)s::text [], %(values)s::text []) AS added (field, value);

-- name: ask_to_complete
SELECT hotline.complete_order(
    %(interface)s,
    %(regino)s,
    %(fields)s::text [],
    %(values)s::text [],
    %(withdraw)s::text [],
    %(version)s,
    %(changes)s,
    %(reason)s,
    %(actor)s
);

-- name: log_completion
INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
VALUES (
    %(actor)s,
    %(action)s,
    %(row_id)s,
    %(interface)s,
    %(regino)s,
    %(state_before)s,
    %(state_after)s,
    %(reason)s
);
