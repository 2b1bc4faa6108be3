-- Ten tries and more in a quarter of an hour, and not one usable answer: what the breaker of a run sees, over runs.

SELECT
    'platform_12315' AS subject,
    min(l.started_at) AS since,
    count(*) AS count
FROM hotline.interaction_log AS l
WHERE l.started_at > now() - interval '15 minutes'
HAVING
    count(*) FILTER (WHERE l.outcome IN ('no_answer', 'unreachable', 'try_later')) >= 10
    AND count(*) FILTER (WHERE l.outcome IN ('delivered', 'duplicate', 'refused')) = 0
