-- Versions that are not at rest, by state: read from the partial indexes, so that it may run every minute.

SELECT
    interface,
    'waiting' AS state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE interface = any(%(interfaces)s) AND state = 'waiting' AND rounds = 0
GROUP BY interface
UNION ALL
SELECT
    interface,
    'retrying' AS state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE
    interface = any(%(interfaces)s)
    AND state = 'waiting'
    AND rounds > 0
    AND next_attempt_at IS NOT NULL
GROUP BY interface
UNION ALL
SELECT
    interface,
    state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE interface = any(%(interfaces)s) AND state IN ('held', 'rejected', 'quarantined') AND discarded_at IS NULL
GROUP BY interface, state
