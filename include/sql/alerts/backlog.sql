-- Versions that wait for longer than the limit: sent late, or not at all. Two halves, one for each index of the queue.

WITH waiting AS (
    SELECT
        d.interface,
        d.taken_in_at
    FROM hotline.delivery AS d
    WHERE d.state = 'waiting' AND d.rounds = 0
    UNION ALL
    SELECT
        d.interface,
        d.taken_in_at
    FROM hotline.delivery AS d
    WHERE d.state = 'waiting' AND d.rounds > 0 AND d.next_attempt_at IS NOT NULL
)

SELECT
    waiting.interface AS subject,
    min(waiting.taken_in_at) AS since,
    count(*) AS count
FROM waiting
WHERE waiting.taken_in_at < now() - %(backlog_limit)s::interval
GROUP BY waiting.interface
