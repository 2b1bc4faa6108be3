-- Rows of answers that broke a printed rule for the first time today.

SELECT
    q.interface AS subject,
    min(q.first_seen_at) AS since,
    count(*) AS count
FROM hotline.quarantined_answer AS q
WHERE q.state = 'open' AND q.first_seen_at >= date_trunc('day', now())
GROUP BY q.interface
HAVING count(*) >= %(quarantine_least)s
