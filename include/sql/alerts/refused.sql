-- Versions that the platform refused and that still are refused.

SELECT
    d.interface AS subject,
    min(d.first_refused_at) AS since,
    count(*) AS count
FROM hotline.delivery AS d
WHERE d.state = 'rejected'
GROUP BY d.interface
