-- name: beside
-- The contents that wait before and behind one, and the first of all.

SELECT
    max(w.row_id) FILTER (WHERE w.row_id < %(row_id)s) AS previous,
    min(w.row_id) FILTER (WHERE w.row_id > %(row_id)s) AS following,
    min(w.row_id) FILTER (WHERE w.row_id <> %(row_id)s) AS first
FROM (
    (
        SELECT d.row_id FROM hotline.delivery AS d
        WHERE
            d.state = 'held' AND d.discarded_at IS NULL AND NOT d.is_returned
            AND d.interface = any(%(interfaces)s) AND d.row_id < %(row_id)s
            AND NOT EXISTS (
                SELECT FROM hotline.asked_release AS r
                WHERE r.delivery_id = d.row_id
            )
        ORDER BY d.row_id DESC
        LIMIT 1
    )
    UNION ALL
    (
        SELECT d.row_id FROM hotline.delivery AS d
        WHERE
            d.state = 'held' AND d.discarded_at IS NULL AND NOT d.is_returned
            AND d.interface = any(%(interfaces)s) AND d.row_id > %(row_id)s
            AND NOT EXISTS (
                SELECT FROM hotline.asked_release AS r
                WHERE r.delivery_id = d.row_id
            )
        ORDER BY d.row_id
        LIMIT 1
    )
    UNION ALL
    (
        SELECT d.row_id FROM hotline.delivery AS d
        WHERE
            d.state = 'held' AND d.discarded_at IS NULL AND NOT d.is_returned
            AND d.interface = any(%(interfaces)s)
            AND NOT EXISTS (
                SELECT FROM hotline.asked_release AS r
                WHERE r.delivery_id = d.row_id
            )
        ORDER BY d.row_id
        LIMIT 1
    )
) AS w;

-- name: version
-- One content, how it stands, what was decided on it and by whom, and the content of the order before it.

SELECT
    d.row_id,
    d.interface,
    d.key,
    d.state,
    d.written_at,
    d.flags,
    d.is_returned,
    a.decision,
    a.office,
    a.decided_by AS person,
    a.decided_at,
    a.reason_scrubbed AS reason,
    d.state = 'held' AND d.discarded_at IS NULL AND d.claimed_until IS NULL AND NOT d.outcome_unknown
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS r
        WHERE r.delivery_id = d.row_id
    ) AS is_open,
    (
        SELECT p.row_id FROM hotline.delivery AS p
        WHERE
            p.interface = d.interface
            AND p.key = d.key
            AND (p.written_at, p.row_id) < (d.written_at, d.row_id)
            AND hotline.is_content_kept(p.row_id)
        ORDER BY p.written_at DESC, p.row_id DESC
        LIMIT 1
    ) AS previous_content
FROM hotline.delivery AS d
LEFT JOIN LATERAL (
    SELECT
        o.decision,
        o.office,
        o.decided_by,
        o.reason_scrubbed,
        o.decided_at
    FROM hotline.shown_decision AS o
    WHERE o.interface = d.interface AND o.regino = d.key AND o.content_hash = d.content_hash
    ORDER BY o.row_id DESC
    LIMIT 1
) AS a ON TRUE
WHERE d.row_id = %(row_id)s AND d.interface = any(%(interfaces)s);

-- name: last_office
-- What somebody named as the office of late, so that it is not typed for each decision.

SELECT o.office
FROM (
    SELECT
        l.office,
        l.decided_by,
        l.row_id
    FROM hotline.shown_decision AS l
    ORDER BY l.row_id DESC
    LIMIT 500
) AS o
WHERE o.decided_by = %(person)s AND o.office <> ''
ORDER BY o.row_id DESC
LIMIT 1;
