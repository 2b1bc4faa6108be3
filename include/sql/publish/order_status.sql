-- Whether an order was received (4.1.2 steps 5 and 6, 4.2.7, 4.2.8). Received once the platform holds any version of it: a
-- correction that fails later does not make it unsaved, and is told in the message. No row while nothing is decided.

WITH decided AS (
    SELECT
        d.key AS regino,
        d.interface,
        d.state,
        d.reasons,
        d.message,
        row_number() OVER (PARTITION BY d.key ORDER BY d.written_at DESC, d.row_id DESC) AS place,
        bool_or(d.state = 'delivered') OVER (PARTITION BY d.key) AS is_received
    FROM hotline.delivery AS d INNER JOIN changed ON d.key = changed.regino
    WHERE
        d.interface = any(%(orders)s::text [])
        AND d.state IN ('delivered', 'rejected', 'quarantined')
        AND d.discarded_at IS NULL
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
WHERE decided.place = 1
