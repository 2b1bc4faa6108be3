-- Whether an order was received (4.1.2 steps 5 and 6, 4.2.7, 4.2.8). Received once the platform holds any version of it: a
-- correction that fails later does not make it unsaved, and is told in the message. No row while nothing is decided: while
-- the newest version is under way or before the bureau (4.4), or an older one still is.

WITH version AS (
    SELECT
        d.key AS regino,
        d.interface,
        d.state,
        d.reasons,
        d.message,
        d.written_at,
        d.row_id,
        d.state IN ('delivered', 'rejected', 'quarantined') AS is_decided,
        d.state = 'waiting' OR (
            d.state = 'held'
            AND (
                SELECT a.decision FROM hotline.order_audit AS a
                WHERE a.interface = d.interface AND a.regino = d.key AND a.content_hash = d.content_hash
                ORDER BY a.row_id DESC
                LIMIT 1
            ) IS DISTINCT FROM 'return'
        ) AS is_under_way
    FROM hotline.delivery AS d INNER JOIN changed ON d.key = changed.regino
    WHERE
        d.interface = any(%(orders)s::text [])
        AND d.state IN ('delivered', 'rejected', 'quarantined', 'waiting', 'held')
        AND d.discarded_at IS NULL
),

decided AS (
    SELECT
        v.regino,
        v.interface,
        v.state,
        v.reasons,
        v.message,
        v.is_decided,
        row_number() OVER (PARTITION BY v.regino, v.is_decided ORDER BY v.written_at DESC, v.row_id DESC) AS place,
        row_number() OVER (PARTITION BY v.regino ORDER BY v.written_at DESC, v.row_id DESC) AS place_of_all,
        bool_or(v.state = 'delivered') OVER of_order AS is_received,
        bool_or(v.is_under_way) OVER of_order AS is_under_way
    FROM version AS v
    WINDOW of_order AS (PARTITION BY v.regino)
)

SELECT
    decided.regino,
    CASE WHEN decided.is_received THEN 'received' ELSE 'failed' END AS state,
    CASE
        WHEN decided.state = 'delivered' THEN NULL
        ELSE
            CASE WHEN decided.is_received THEN '更正未被接收：' ELSE '' END
            || CASE decided.state
                WHEN 'rejected' THEN coalesce(decided.message, '平台拒收')
                ELSE (
                    SELECT string_agg(coalesce(words.zh, reason.name), '；' ORDER BY reason.place)
                    FROM unnest(decided.reasons) WITH ORDINALITY AS reason (name, place)
                    LEFT JOIN jsonb_to_recordset(%(words)s::jsonb) AS words (interface text, reason text, zh text)
                        ON decided.interface = words.interface AND reason.name = words.reason
                )
            END
    END AS message
FROM decided
WHERE
    decided.is_decided
    AND decided.place = 1
    AND (decided.is_received OR (decided.place_of_all = 1 AND NOT decided.is_under_way))
