-- Records held back since another one has their key, and that nobody has decided on.

SELECT
    d.interface AS subject,
    min(d.taken_in_at) AS since,
    count(*) AS count
FROM hotline.delivery AS d
WHERE d.state = 'quarantined' AND d.discarded_at IS null AND d.reasons && %(shared)s::text []
GROUP BY d.interface
