-- Where the further orders are whose number another order has: not taken in, given up by a person, or nowhere but here, since the
-- platform knows one order a number. A person may have said that they are one order.

WITH other AS (
    SELECT
        o.day,
        o.key,
        o.nth,
        bool_or(d.row_id IS NULL) AS is_missing,
        bool_or(d.row_id IS NULL AND o.is_uncollected) AS is_uncollected,
        bool_or(d.row_id IS NULL AND o.is_overdue) AS is_overdue,
        bool_and(d.discarded_at IS NOT NULL) AS is_discarded,
        coalesce(bool_or(%(shared)s = any(d.reasons)), FALSE) AS is_held
    FROM docking_other AS o
    LEFT JOIN hotline.delivery AS d ON o.interface = d.interface AND o.key = d.key AND o.content_hash = d.content_hash
    WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date []) -- noqa: CP05
    GROUP BY o.day, o.key, o.nth
)

SELECT
    o.day,
    CASE
        WHEN o.is_overdue THEN 'late_not_collected'
        WHEN o.is_uncollected THEN 'not_collected'
        WHEN o.is_missing THEN 'lost_on_intake'
        WHEN o.is_discarded THEN 'discarded'
        ELSE 'shared_number'
    END AS place,
    count(*) AS orders
FROM other AS o
WHERE
    o.is_held
    OR NOT EXISTS (
        SELECT FROM hotline.operator_action AS a
        WHERE a.interface = %(interface)s AND a.key = o.key AND a.action = %(as_correction)s
    )
GROUP BY o.day, place
