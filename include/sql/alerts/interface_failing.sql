-- Interfaces that were asked, and answered nothing that can be used since long: after the last answer, failures alone. Refused
-- acknowledgements and a refused authentication have alerts of their own.

WITH asked AS (
    SELECT
        l.interface,
        l.started_at,
        l.outcome,
        max(l.started_at) FILTER (WHERE l.outcome IN ('delivered', 'duplicate')) OVER (PARTITION BY l.interface) AS answered_at
    FROM hotline.interaction_log AS l
    WHERE
        l.started_at > now() - interval '2 days'
        AND l.interface = any(%(reads)s::text [] || %(acknowledgements)s::text [])
)

SELECT
    a.interface AS subject,
    min(a.started_at) AS since,
    count(*) AS count
FROM asked AS a
WHERE
    a.started_at > coalesce(a.answered_at, '-infinity')
    AND a.outcome <> 'unauthorized'
    AND NOT (a.outcome = 'refused' AND a.interface = any(%(acknowledgements)s::text []))
GROUP BY a.interface
HAVING min(a.started_at) < now() - %(failing_limit)s::interval
