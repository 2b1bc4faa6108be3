-- Orders that the platform accepted, by the registration that their content names, and whether they are among the cases.

CREATE TEMPORARY TABLE delivered_order ON COMMIT DROP AS
SELECT
    accepted.regino,
    accepted.day,
    accepted.delivered_at,
    accepted.delivery_id,
    coalesce(bool_or(c.missing_since IS NULL) FILTER (WHERE c.regino IS NOT NULL), FALSE) AS is_local,
    coalesce(
        bool_or(c.missing_since IS NULL AND (c.registime AT TIME ZONE 'Asia/Shanghai')::date = accepted.day), FALSE
    ) AS is_local_that_day
FROM (
    SELECT
        t.regino,
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        max(d.settled_at) AS delivered_at,
        (array_agg(d.row_id ORDER BY d.written_at DESC, d.row_id DESC))[1] AS delivery_id
    FROM {order_table} AS t INNER JOIN hotline.delivery AS d ON t.regino = d.key
    WHERE
        d.interface = %(interface)s
        AND d.state = 'delivered'
        AND t.registime >= %(begins)s
        AND t.registime < %(ends)s
    GROUP BY t.regino, t.registime
) AS accepted
LEFT JOIN {case_table} AS c ON accepted.regino = c.regino
GROUP BY accepted.regino, accepted.day, accepted.delivered_at, accepted.delivery_id
