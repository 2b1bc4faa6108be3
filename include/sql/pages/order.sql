-- name: versions
-- Every content of an order that came, oldest first, and whether it can still be shown.

SELECT
    d.row_id,
    d.interface,
    d.state,
    d.written_at,
    d.settled_at,
    d.flags,
    d.reasons,
    d.attempts,
    d.code,
    d.message,
    d.discarded_at,
    d.body IS NOT NULL OR hotline.kept_content(d.key, d.content_hash) IS NOT NULL AS is_kept
FROM hotline.delivery AS d
WHERE d.interface = any(%(interfaces)s) AND d.key = %(regino)s
ORDER BY d.written_at, d.row_id
LIMIT %(limit)s;

-- name: contents
-- One or two contents of an order, field by field: what is personal masked, and whether it differs. Times and amounts are
-- brought into one form, as a body and a typed row write them in two.

WITH content AS (
    SELECT
        d.row_id,
        d.body IS NOT NULL AS is_body,
        coalesce(convert_from(d.body, 'UTF8')::jsonb, hotline.kept_content(d.key, d.content_hash)) AS content
    FROM hotline.delivery AS d
    WHERE d.row_id = any(%(row_ids)s::bigint [])
),

said AS (
    SELECT
        c.row_id,
        f.place,
        f.class,
        CASE
            WHEN f.kind = 'time' AND c.is_body
                THEN coalesce(to_char(hotline.wire_time(v.value), 'YYYY-MM-DD HH24:MI:SS'), v.value)
            WHEN f.kind IN ('time', 'timestamp') THEN replace(left(v.value, 19), 'T', ' ')
            WHEN f.kind = 'number' THEN coalesce(trim_scale(hotline.amount(v.value))::text, v.value)
            ELSE v.value
        END AS value
    FROM content AS c
    CROSS JOIN
        unnest(%(names)s::text [], %(classes)s::text [], %(kinds)s::text []) WITH ORDINALITY AS f (name, class, kind, place)
    CROSS JOIN LATERAL (SELECT coalesce(c.content ->> f.name, c.content ->> lower(f.name), '') AS value) AS v
),

person AS (
    SELECT
        array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = %(regino)s
            UNION
            SELECT s.value FROM said AS s
            WHERE s.class IN ('name', 'address')
        ) AS names
)

SELECT
    s.row_id,
    s.place::integer AS place,
    CASE
        WHEN s.class = 'text' AND %(reads_texts)s THEN hotline.scrub_text(s.value, person.names)
        ELSE coalesce(hotline.masked(s.class, s.value), '')
    END AS shown,
    (min(s.value) OVER of_field) <> (max(s.value) OVER of_field) AS is_changed
FROM said AS s
CROSS JOIN person
WINDOW of_field AS (PARTITION BY s.place)
ORDER BY s.place, s.row_id;

-- name: records
-- What the platform and 12345 say of an order, field by field, masked. Texts are rid of the names in any of it: of an order in
-- quarantine no typed table has them.

WITH said AS (
    SELECT
        r.origin,
        r.row_id,
        r.known_at,
        f.place,
        f.class,
        v.value
    FROM hotline.order_records(%(regino)s) AS r
    INNER JOIN
        unnest(%(origins)s::text [], %(names)s::text [], %(classes)s::text [])
        WITH ORDINALITY AS f (origin, name, class, place)
        ON r.origin = f.origin
    CROSS JOIN LATERAL (SELECT r.content ->> f.name AS value) AS v
    WHERE v.value <> ''
),

person AS (
    SELECT
        array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = %(regino)s
            UNION
            SELECT s.value FROM said AS s
            WHERE s.class IN ('name', 'address')
        ) AS names
)

SELECT
    s.origin,
    s.row_id,
    s.known_at,
    s.place::integer AS place,
    CASE
        WHEN s.class = 'text' AND %(reads_texts)s THEN hotline.scrub_text(s.value, person.names)
        ELSE hotline.masked(s.class, s.value)
    END AS value
FROM said AS s
CROSS JOIN person
ORDER BY s.origin, s.known_at, s.row_id, s.place;

-- name: unmasked
-- The same as it stands, after the act is written down.

SELECT
    r.origin,
    r.row_id,
    r.known_at,
    f.place::integer AS place,
    v.value
FROM hotline.unmask_order(%(regino)s, %(actor)s, %(reason)s) AS r
INNER JOIN
    unnest(%(origins)s::text [], %(names)s::text [], %(classes)s::text []) WITH ORDINALITY AS f (origin, name, class, place)
    ON r.origin = f.origin
CROSS JOIN LATERAL (SELECT r.content ->> f.name AS value) AS v
WHERE v.value <> ''
ORDER BY r.origin, r.known_at, r.row_id, f.place;

-- name: exchanges
-- The tries of an order, newest first.

SELECT
    l.started_at,
    l.interface,
    l.attempt,
    l.outcome,
    l.http_status,
    l.code,
    l.message,
    l.elapsed_ms
FROM hotline.interaction_log AS l
WHERE l.interface = any(%(interfaces)s) AND l.key = %(regino)s
ORDER BY l.started_at DESC, l.row_id DESC
LIMIT %(limit)s;

-- name: acts
-- What people did with an order, newest first.

SELECT
    a.acted_at,
    a.actor,
    a.action,
    hotline.scrub_text(
        a.reason,
        array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = a.key
        )
    ) AS reason
FROM hotline.operator_action AS a
WHERE a.key = %(regino)s
ORDER BY a.acted_at DESC, a.row_id DESC
LIMIT %(limit)s;

-- name: not_published
-- Whether a change of the order is not written back yet, and which tables of 12345 did not take it.

SELECT
    exists(
        SELECT FROM hotline.order_change AS c
        WHERE c.regino = %(regino)s
    ) AS is_due,
    array(
        SELECT p.docking_table FROM hotline.publish_again AS p
        WHERE p.regino = %(regino)s
    ) AS refused;
