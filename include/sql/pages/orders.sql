-- name: orders
-- Orders by what is asked of them, newest registration first. Facts are computed within minutes of a change; the page of an
-- order itself reads what stands now.

SELECT
    o.regino,
    o.kind,
    o.channel,
    o.registered_at,
    o.company_name,
    o.handling_unit_name,
    o.reported_at,
    o.accepted_at,
    o.filed_at,
    o.finished_at,
    o.due_at,
    o.is_returned,
    o.is_withdrawn,
    o.urge_count,
    o.person_name_masked
FROM hotline.order_fact AS o
WHERE
    o.registered_at >= %(since)s AND o.registered_at < %(until)s
    AND (%(kind)s::text IS NULL OR o.kind = %(kind)s)
    AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
    AND (%(unit)s::text IS NULL OR o.unit_code = %(unit)s OR o.handling_unit_name = %(unit)s)
    AND (
        %(company)s::text IS NULL
        OR o.company_key = hotline.company_key(%(company)s, %(company)s)
        OR hotline.plain_company_name(o.company_name) = hotline.plain_company_name(%(company)s)
    )
    AND (
        %(state)s::text IS NULL
        OR CASE %(state)s
            WHEN 'returned' THEN o.is_returned
            WHEN 'finished' THEN o.finished_at IS NOT NULL AND NOT o.is_returned
            WHEN 'overdue'
                THEN
                    o.due_at < now() AND o.finished_at IS NULL AND NOT o.is_returned AND NOT o.is_withdrawn
            WHEN 'open' THEN o.finished_at IS NULL AND NOT o.is_returned AND NOT o.is_withdrawn
            WHEN 'unreported' THEN o.reported_at IS NULL AND o.channel = 'telephone'
        END
    )
    AND (%(after_at)s::timestamptz IS NULL OR (o.registered_at, o.regino) < (%(after_at)s, %(after_id)s::text))
ORDER BY o.registered_at DESC, o.regino DESC
LIMIT %(limit)s;

-- name: of_person
-- Orders of who calls from a number, newest first.

SELECT
    o.regino,
    o.kind,
    o.channel,
    o.registered_at,
    o.company_name,
    o.handling_unit_name,
    o.reported_at,
    o.accepted_at,
    o.filed_at,
    o.finished_at,
    o.due_at,
    o.is_returned,
    o.is_withdrawn,
    o.urge_count,
    o.person_name_masked
FROM hotline.order_fact AS o
WHERE o.person_key = hotline.person_key(%(phone)s)
ORDER BY o.registered_at DESC, o.regino DESC
LIMIT %(limit)s;

-- name: versions
-- Every content of an order that came, oldest first.

SELECT
    d.state,
    d.written_at,
    d.settled_at,
    d.flags,
    d.attempts,
    d.code,
    d.message,
    d.discarded_at,
    d.interface,
    d.reasons,
    d.body
FROM hotline.delivery AS d
WHERE d.interface = any(%(interfaces)s) AND d.key = %(regino)s
ORDER BY d.written_at, d.row_id
LIMIT %(limit)s;

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
