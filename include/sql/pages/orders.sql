-- name: chosen
-- What a list and its count are of: orders by what is asked of them, and `moment`, the time that the list is about. Facts are
-- computed within minutes of a change; the page of an order itself reads what stands now.

SELECT
    o.regino,
    o.kind,
    o.channel,
    o.registered_at,
    o.company_name,
    o.handling_unit_name,
    o.unit_code,
    o.seat_code,
    o.due_at,
    o.urge_count,
    o.person_name_masked,
    {of_moment} AS moment,
    o.due_at < now() AND o.finished_at IS NULL AND NOT o.is_returned AND NOT o.is_withdrawn AS is_overdue,
    hotline.order_stage(
        o.is_returned,
        o.is_withdrawn,
        o.finished_at,
        o.filed_at,
        o.accepted_at,
        o.reported_at IS NOT NULL OR o.channel = 'network'
    ) AS stage
FROM {source} AS o
WHERE
    {of_moment} >= %(since)s AND {of_moment} < %(until)s
    AND (%(kind)s::text IS NULL OR o.kind = %(kind)s)
    AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
    AND (%(unit)s::text IS NULL OR o.unit_code = %(unit)s OR o.handling_unit_name = %(unit)s)
    AND (%(seat)s::text IS NULL OR o.seat_code = %(seat)s)
    AND (NOT %(is_open)s OR (o.finished_at IS NULL AND NOT o.is_returned AND NOT o.is_withdrawn))
    AND (NOT %(is_overdue)s OR o.due_at < now())
    AND (
        %(stage)s::text IS NULL
        OR hotline.order_stage(
            o.is_returned,
            o.is_withdrawn,
            o.finished_at,
            o.filed_at,
            o.accepted_at,
            o.reported_at IS NOT NULL OR o.channel = 'network'
        ) = %(stage)s
    );

-- name: of_company
-- Orders on a company, by its credit code or by how its name begins: found by these indexes before anything else is asked, as
-- no other way knows how few they are.

SELECT
    f.regino,
    f.kind,
    f.channel,
    f.registered_at,
    f.taken_at,
    f.collected_at,
    f.company_name,
    f.handling_unit_name,
    f.unit_code,
    f.seat_code,
    f.due_at,
    f.urge_count,
    f.person_name_masked,
    f.routed_at,
    f.returned_at,
    f.accepted_at,
    f.filed_at,
    f.finished_at,
    f.reported_at,
    f.is_returned,
    f.is_withdrawn
FROM hotline.order_fact AS f
WHERE
    f.company_key = hotline.company_key(%(company)s, %(company)s)
    OR (
        f.company_name IS NOT NULL
        AND hotline.plain_company_name(f.company_name) LIKE hotline.plain_company_name(%(company)s) || '%%'
    )
LIMIT ALL OFFSET 0 -- noqa: AM09, CV06
;

-- name: orders
-- The next of them; each way to sort has an index.

SELECT o.* -- noqa: AM04
FROM ({chosen}) AS o
WHERE {behind}
ORDER BY {sorting}
LIMIT %(limit)s;

-- name: count
-- How many they are, counted so far and no farther: from the newest on, as the table begins with the oldest.

SELECT count(*) AS orders
FROM (
    SELECT o.regino FROM ({chosen}) AS o
    ORDER BY o.moment DESC
    LIMIT %(most)s
) AS counted;

-- name: named
-- Some orders by their number and kind.

SELECT o.* -- noqa: AM04
FROM ({chosen}) AS o -- noqa: AM04
INNER JOIN unnest(%(reginos)s::text [], %(kinds)s::text []) AS n (regino, kind) ON o.regino = n.regino AND o.kind = n.kind
ORDER BY o.registered_at DESC, o.regino DESC;

-- name: of_phone
-- Whose number it is, by its key alone; who asked is noted.

SELECT
    p.regino,
    p.kind,
    FALSE AS is_cut
FROM hotline.find_by_phone(%(phone)s, %(limit)s, %(actor)s) AS p;

-- name: of_name
-- Orders of a name, of the newest that could be it; who asked is noted.

SELECT
    n.regino,
    n.kind,
    n.is_cut
FROM hotline.find_by_name(%(name)s, %(since)s, %(until)s, %(most)s, %(limit)s, %(actor)s) AS n;

-- name: returned
-- Why the platform returned them, and who: one row an order (returned_case_name).

SELECT
    r.regino,
    r.handdept,
    r.agent_masked AS agent,
    CASE WHEN %(reads_texts)s THEN r.result_scrubbed ELSE r.result_length END AS result
FROM hotline.shown_return AS r
WHERE r.regino = any(%(reginos)s::text []);

-- name: routing
-- Where they went last, by whom, and until when.

SELECT DISTINCT ON (r.regino)
    r.regino,
    r.jsdept AS handdept,
    r.sender_masked AS agent,
    to_char(r.deadline, 'YYYY-MM-DD') AS result
FROM hotline.shown_routing AS r
WHERE r.regino = any(%(reginos)s::text [])
ORDER BY r.regino ASC, r.zcdate DESC NULLS LAST, r.row_id DESC;

-- name: results
-- What was answered last, by which department.

SELECT DISTINCT ON (f.regino)
    f.regino,
    f.handdept,
    f.agent_masked AS agent,
    CASE WHEN %(reads_texts)s THEN f.result_scrubbed ELSE f.result_length END AS result
FROM hotline.shown_result AS f
WHERE f.regino = any(%(reginos)s::text [])
ORDER BY f.regino ASC, f.loaded_at DESC;
