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

SELECT f.* -- noqa: AM04
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
-- Whose number it is, by its key alone.

SELECT
    o.regino,
    o.kind
FROM hotline.order_fact AS o
WHERE o.person_key = hotline.person_key(%(phone)s)
ORDER BY o.registered_at DESC, o.regino DESC
LIMIT %(limit)s;

-- name: of_name
-- Orders of a name: those whose masked name could be it, by index, and of them those that have it, as 12345 or the platform
-- writes it.

SELECT
    o.regino,
    o.kind
FROM hotline.order_fact AS o
WHERE
    o.person_name_masked = hotline.mask_name(%(name)s)
    AND o.registered_at >= %(since)s AND o.registered_at < %(until)s
    AND EXISTS (
        SELECT FROM (
            SELECT t.proname FROM hotline.complaint_order AS t
            WHERE o.kind = 'complaint' AND t.regino = o.regino
            UNION ALL
            SELECT t.proname FROM hotline.report_order AS t
            WHERE o.kind = 'report' AND t.regino = o.regino
            UNION ALL
            SELECT t.proname FROM hotline.consultation_order AS t
            WHERE o.kind = 'consultation' AND t.regino = o.regino
            UNION ALL
            SELECT t.proname FROM hotline.complaint_case AS t
            WHERE o.kind = 'complaint' AND t.regino = o.regino
            UNION ALL
            SELECT t.proname FROM hotline.report_case AS t
            WHERE o.kind = 'report' AND t.regino = o.regino
            UNION ALL
            SELECT t.proname FROM hotline.consultation_case AS t
            WHERE o.kind = 'consultation' AND t.regino = o.regino
        ) AS named
        WHERE
            regexp_replace(normalize(named.proname, nfkc), '\s', '', 'g') -- noqa: RF02, RF03
            = regexp_replace(normalize(%(name)s, nfkc), '\s', '', 'g') -- noqa: RF02, RF03
    )
ORDER BY o.registered_at DESC, o.regino DESC
LIMIT %(limit)s;

-- name: returned
-- Why the platform returned them, and who; the newest return of each.

SELECT
    r.odrno AS regino,
    r.handdept,
    hotline.mask_name(r.agent) AS agent,
    CASE
        WHEN %(reads_texts)s
            THEN
                hotline.scrub_text(
                    r.dealresult,
                    array(
                        SELECT p.value FROM hotline.order_person AS p
                        WHERE p.regino = r.odrno
                    )
                )
        ELSE hotline.masked('text', r.dealresult)
    END AS result
FROM hotline.returned_case AS r
WHERE r.odrno = any(%(reginos)s::text []);

-- name: routing
-- Where they went last, by whom, and until when.

SELECT DISTINCT ON (r.bh)
    r.bh AS regino,
    r.jsdept AS handdept,
    hotline.mask_name(r.flfqr) AS agent,
    to_char(r.deadline, 'YYYY-MM-DD') AS result
FROM hotline.case_routing AS r
WHERE r.bh = any(%(reginos)s::text [])
ORDER BY r.bh ASC, r.zcdate DESC NULLS LAST, r.row_id DESC;

-- name: results
-- What was answered last, by which department.

SELECT DISTINCT ON (f.regino)
    f.regino,
    f.handdept,
    hotline.mask_name(f.agent) AS agent,
    CASE
        WHEN %(reads_texts)s
            THEN
                hotline.scrub_text(
                    f.result,
                    array(
                        SELECT p.value FROM hotline.order_person AS p
                        WHERE p.regino = f.regino
                    )
                )
        ELSE hotline.masked('text', f.result)
    END AS result
FROM (
    SELECT
        t.odrno AS regino,
        t.handdept,
        t.agent,
        t.dealresult AS result,
        t.loaded_at
    FROM hotline.complaint_feedback AS t
    WHERE t.odrno = any(%(reginos)s::text [])
    UNION ALL
    SELECT
        t.odrno AS regino,
        t.handdept,
        t.agent,
        concat_ws('；', nullif(t.investresult, ''), t.dealresult) AS result,
        t.loaded_at
    FROM hotline.report_feedback AS t
    WHERE t.odrno = any(%(reginos)s::text [])
    UNION ALL
    SELECT
        t.odrno AS regino,
        t.handdept,
        t.agent,
        t.dealresult AS result,
        t.loaded_at
    FROM hotline.consultation_feedback AS t
    WHERE t.odrno = any(%(reginos)s::text [])
    UNION ALL
    SELECT
        t.region AS regino,
        t.feedbackarea AS handdept,
        t.feedbackname AS agent,
        t.feedbackcontent AS result,
        t.loaded_at
    FROM hotline.case_feedback AS t
    WHERE t.region = any(%(reginos)s::text [])
) AS f
ORDER BY f.regino ASC, f.loaded_at DESC;
