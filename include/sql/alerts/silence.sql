-- Nothing has come from 12345 for longer than ever in the two weeks before, and for longer than the limit. Nights are part of
-- what is usual; without two days of history nothing is. Silence ends when something comes, not after two weeks.

WITH latest AS (
    SELECT
        r.subject,
        max(r.finished_at) AS finished_at
    FROM hotline.run_log AS r
    WHERE r.taken_in > 0
    GROUP BY r.subject
),

arrivals AS (
    SELECT
        r.subject,
        r.finished_at,
        r.finished_at - lag(r.finished_at) OVER (PARTITION BY r.subject ORDER BY r.finished_at) AS gap
    FROM latest
    INNER JOIN hotline.run_log AS r ON latest.subject = r.subject
    WHERE r.taken_in > 0 AND r.finished_at > latest.finished_at - interval '14 days'
)

SELECT
    arrivals.subject,
    max(arrivals.finished_at) AS since,
    count(*) AS count
FROM arrivals
GROUP BY arrivals.subject
HAVING
    min(arrivals.finished_at) < now() - interval '2 days'
    AND now() - max(arrivals.finished_at) > greatest(max(arrivals.gap), %(silence_limit)s::interval)
