-- Versions that the platform refused and that are tried again by themselves, once a day for a week.

SELECT
    d.interface AS subject,
    min(d.first_refused_at) AS since,
    count(*) AS count
FROM hotline.delivery AS d
WHERE d.state = 'rejected' AND d.next_attempt_at IS NOT null AND d.discarded_at IS null
GROUP BY d.interface
