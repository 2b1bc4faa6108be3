-- Where the orders that 12345 took are: delivered in any version, else in the state of their newest one (given up by a person
-- is a place of its own), else not taken in. What waits too long explains nothing
-- (architecture: explanations have an age): a state beyond it is `late_`.

WITH version AS (
    SELECT
        d.key,
        bool_or(d.state = 'delivered') AS is_delivered,
        (
            array_agg(
                CASE
                    WHEN d.discarded_at IS NOT NULL THEN 'discarded'
                    WHEN d.taken_in_at < now() - (%(ages)s::jsonb ->> d.state)::interval THEN 'late_' || d.state
                    ELSE d.state
                END
                ORDER BY d.written_at DESC, d.row_id DESC
            ) FILTER (WHERE d.state <> 'superseded')
        )[1] AS place
    FROM hotline.delivery AS d
    WHERE
        d.interface = %(interface)s
        AND d.key IN (
            SELECT o.key FROM docking_order AS o
            WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date [])
        )
    GROUP BY d.key
),

returned AS (
    SELECT DISTINCT ON (a.regino)
        a.regino,
        a.decision = 'return' AS is_returned
    FROM hotline.order_audit AS a INNER JOIN version AS v ON a.regino = v.key
    WHERE a.interface = %(interface)s
    ORDER BY a.regino ASC, a.row_id DESC
),

placed AS (
    SELECT
        o.day,
        CASE
            WHEN v.is_delivered THEN 'delivered'
            WHEN v.place IN ('held', 'late_held') AND r.is_returned THEN 'returned_by_audit'
            WHEN v.place IS NOT NULL THEN v.place
            WHEN o.is_overdue THEN 'late_not_collected'
            WHEN o.is_uncollected THEN 'not_collected'
            ELSE 'lost_on_intake'
        END AS place,
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS content_day
    FROM docking_order AS o
    LEFT JOIN version AS v ON o.key = v.key
    LEFT JOIN returned AS r ON o.key = r.regino
    LEFT JOIN {order_table} AS t ON o.key = t.regino
    WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date [])
)

SELECT
    p.day,
    p.place,
    count(*) AS orders,
    count(*) FILTER (WHERE p.content_day = p.day) AS same_day
FROM placed AS p
GROUP BY p.day, p.place
