-- Where the orders that 12345 took are: delivered in any version, else in the state of their newest one (given up by a person
-- is a place of its own), else not taken in.

WITH version AS (
    SELECT
        d.key,
        bool_or(d.state = 'delivered') AS is_delivered,
        (
            array_agg(
                CASE WHEN d.discarded_at IS NULL THEN d.state ELSE 'discarded' END
                ORDER BY d.written_at DESC, d.row_id DESC
            ) FILTER (WHERE d.state <> 'superseded')
        )[1] AS state
    FROM hotline.delivery AS d INNER JOIN docking_order AS o ON d.key = o.regino
    WHERE d.interface = %(interface)s
    GROUP BY d.key
),

returned AS (
    SELECT DISTINCT ON (a.regino)
        a.regino,
        a.decision = 'return' AS is_returned
    FROM hotline.order_audit AS a INNER JOIN docking_order AS o ON a.regino = o.regino
    WHERE a.interface = %(interface)s
    ORDER BY a.regino ASC, a.row_id DESC
),

placed AS (
    SELECT
        o.day,
        CASE
            WHEN v.is_delivered THEN 'delivered'
            WHEN v.state = 'held' AND r.is_returned THEN 'returned_by_audit'
            WHEN v.key IS NOT NULL THEN coalesce(v.state, 'waiting')
            WHEN o.uncollected THEN 'not_collected'
            ELSE 'lost_on_intake'
        END AS place,
        to_char(t.registime AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') AS content_day
    FROM docking_order AS o
    LEFT JOIN version AS v ON o.regino = v.key
    LEFT JOIN returned AS r ON o.regino = r.regino
    LEFT JOIN {order_table} AS t ON o.regino = t.regino
)

SELECT
    p.day,
    p.place,
    count(*) AS orders,
    count(*) FILTER (WHERE p.content_day = p.day) AS same_day
FROM placed AS p
GROUP BY p.day, p.place
