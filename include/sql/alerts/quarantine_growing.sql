-- More of today's rows break a rule than is usual for a healthy source.

SELECT
    r.subject,
    min(r.finished_at) FILTER (WHERE r.quarantined > 0) AS since,
    sum(r.quarantined) AS count
FROM hotline.run_log AS r
WHERE r.finished_at >= date_trunc('day', now())
GROUP BY r.subject
HAVING
    sum(r.quarantined) >= %(quarantine_least)s
    AND sum(r.quarantined) > %(quarantine_share)s * sum(r.taken_in)
