-- Rows of the docking store whose number stands in several, the newest first, where one of them names one of the days: day,
-- content, and what names the order (`named_by` of the contract). All is hashed there, so no personal data travels.

WITH repeated AS (
    SELECT {order_number} AS order_number
    FROM {table} AS d -- noqa: AL04
    WHERE {of_days}
    GROUP BY {order_number}
    HAVING count(*) > 1
)

SELECT
    repeated.order_number AS regino,
    {day_named} AS day,
    sha256(convert_to(row_to_json(content)::text, 'UTF8')) AS content_hash,
    array(
        SELECT encode(sha256(convert_to(n.said, 'UTF8')), 'hex')
        FROM unnest({names}) WITH ORDINALITY AS n (said, place)
        ORDER BY n.place
    ) AS names,
    d.collected_at IS NULL AS is_uncollected,
    d.collected_at IS NULL
    AND coalesce(
        d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE
    ) AS is_overdue
FROM repeated INNER JOIN {table} AS d ON repeated.order_number = {order_number}
CROSS JOIN LATERAL (SELECT {content}) AS content
ORDER BY repeated.order_number ASC, d.written_at DESC NULLS LAST
