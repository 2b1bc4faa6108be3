-- Seconds from written to delivered, of what was delivered lately: per interface, and (interface null) over all of them.
-- Bodies are kept for longer than is asked about here, so that the index on settled_at of rows with a body serves.
-- Content that was written once more after it had been delivered does not tell when it was written first.

SELECT
    interface,
    count(*) AS delivered,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM settled_at - written_at)) AS median_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(EPOCH FROM settled_at - written_at)) AS p95_s
FROM hotline.delivery
WHERE
    body IS NOT null
    AND state = 'delivered'
    AND settled_at > now() - %(within)s::interval
    AND written_at <= settled_at
    AND interface = any(%(interfaces)s)
GROUP BY GROUPING SETS ((interface), ())
HAVING count(*) > 0
