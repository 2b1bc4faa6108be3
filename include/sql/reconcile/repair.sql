-- name: not_collected_again
-- Windows of a stretch that no whole answer has filled since a moment.

SELECT count(*) AS windows
FROM hotline.collection_window AS w
WHERE
    w.interface = %(interface)s
    AND w.ends > %(begins)s
    AND w.begins < %(ends)s
    AND (w.state <> 'settled' OR w.visited_at IS NULL OR w.visited_at < %(since)s);

-- name: mark_to_send_again
-- Orders that the platform lost are to be sent once more, byte for byte, and never a second time by this hand: marked here, sent
-- by the delivery of their interface. Bytes that were dropped some days after delivery are those of 12345's row, where their
-- SHA-256 says so.

WITH lost AS (
    SELECT
        d.row_id,
        coalesce(d.body, s.body) AS body
    FROM hotline.delivery AS d
    LEFT JOIN hotline.order_source AS s
        ON d.interface = s.interface AND d.key = s.key AND d.content_hash = sha256(s.body)
    WHERE
        d.row_id = any(%(row_ids)s::bigint [])
        AND d.state = 'delivered'
        AND d.resend IS NULL
        AND coalesce(d.claimed_until NOT BETWEEN now() AND now() + interval '2 hours', TRUE)
        AND coalesce(d.body, s.body) IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM hotline.delivery AS newer
            WHERE
                newer.interface = d.interface
                AND newer.key = d.key
                AND newer.state IN ('waiting', 'held', 'rejected')
                AND newer.discarded_at IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM hotline.returned_case AS r
            WHERE r.odrno = d.key AND r.missing_since IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM hotline.operator_action AS a
            WHERE a.interface = d.interface AND a.key = d.key AND a.actor = %(actor)s
        )
    ORDER BY d.row_id
    LIMIT %(most)s
    FOR UPDATE OF d SKIP LOCKED
),

marked AS (
    UPDATE hotline.delivery AS d
    SET
        resend = 'due',
        resend_asked_at = now(),
        body = lost.body
    FROM lost
    WHERE d.row_id = lost.row_id
    RETURNING d.row_id, d.interface, d.key
)

INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'replay',
    marked.row_id,
    marked.interface,
    marked.key,
    'delivered',
    'delivered',
    %(reason)s
FROM marked
RETURNING delivery_id;

-- name: sent_again
-- What became of versions that were marked to be sent once more.

SELECT
    d.resend,
    count(*) AS versions
FROM hotline.delivery AS d
WHERE d.row_id = any(%(row_ids)s::bigint [])
GROUP BY d.resend;

-- name: minutes
-- Collected orders of a day by the minute of registration, counted from the day's begin.

SELECT
    floor(extract(EPOCH FROM t.registime - %(begins)s) / 60)::integer AS minute,
    count(DISTINCT t.regino) AS orders
FROM {case_table} AS t
WHERE
    t.registime >= %(begins)s
    AND t.registime < %(ends)s
    AND t.missing_since IS NULL
GROUP BY minute;

-- name: locate
-- Where within a day rows are missing; an earlier answer to the same question stays beside it.

INSERT INTO hotline.count_location (checked_at, kind, begins, ends, platform_count, local_count)
SELECT
    %(checked_at)s,
    %(kind)s,
    p.begins,
    p.ends,
    p.platform_count,
    p.local_count
FROM jsonb_to_recordset(%(places)s::jsonb) AS p (
    begins timestamptz,
    ends timestamptz,
    platform_count integer,
    local_count integer
);
