UPDATE version AS v
SET flags = v.flags || doubts.flags
FROM (
    SELECT
        d.position,
        array_agg(d.flag ORDER BY d.flag) AS flags
    FROM unnest(%(positions)s::integer [], %(flags)s::text []) AS d (position, flag)
    GROUP BY d.position
) AS doubts
WHERE v.position = doubts.position
