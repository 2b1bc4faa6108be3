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
    r.message_scrubbed AS message,
    d.discarded_at,
    hotline.is_content_kept(d.row_id) AS is_kept
FROM hotline.delivery AS d
LEFT JOIN hotline.shown_refusal AS r ON d.row_id = r.row_id
WHERE d.interface = any(%(interfaces)s) AND d.key = %(regino)s
ORDER BY d.written_at, d.row_id
LIMIT %(limit)s;

-- name: contents
-- One or two contents of an order, field by field: what is personal masked, and whether it differs.

SELECT
    c.row_id,
    c.name,
    c.shown,
    c.is_changed
FROM hotline.shown_contents(%(regino)s, %(row_ids)s, %(reads_texts)s) AS c;

-- name: records
-- What the platform and 12345 say of an order, field by field, masked.

SELECT
    r.origin,
    r.row_id,
    r.known_at,
    r.name,
    r.value
FROM hotline.shown_records(%(regino)s, %(reads_texts)s) AS r;

-- name: unmasked
-- The same as it stands, after the act is written down.

SELECT
    r.origin,
    r.row_id,
    r.known_at,
    f.key AS name,
    f.value
FROM hotline.unmask_order(%(regino)s, %(actor)s, %(purpose)s, %(reason)s) AS r
CROSS JOIN LATERAL jsonb_each_text(r.content) AS f
WHERE f.value <> '';

-- name: purposes
-- What somebody may see an order unmasked for.

SELECT
    p.purpose,
    p.name
FROM hotline.unmask_purpose() AS p;

-- name: says_why
SELECT hotline.says_why(%(reason)s);

-- name: reasons
-- The rules that versions of an order break.

SELECT
    d.interface,
    d.reasons
FROM hotline.delivery AS d
WHERE d.key = %(regino)s AND d.interface = any(%(interfaces)s) AND d.reasons <> '{}';

-- name: told
-- What 12345 is told of an order.

SELECT
    t.docking_table,
    t.row_count,
    t.told
FROM hotline.told_order(%(regino)s, %(words)s) AS t;

-- name: exchanges
-- The tries of an order, newest first.

SELECT
    l.started_at,
    l.interface,
    l.attempt,
    l.outcome,
    l.http_status,
    l.code,
    l.message_scrubbed AS message,
    l.elapsed_ms
FROM hotline.shown_exchange AS l
WHERE l.interface = any(%(interfaces)s) AND l.key = %(regino)s
ORDER BY l.started_at DESC, l.row_id DESC
LIMIT %(limit)s;

-- name: acts
-- What people did with an order, newest first.

SELECT
    a.acted_at,
    a.actor,
    a.action,
    a.reason_scrubbed
FROM hotline.shown_act AS a
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
