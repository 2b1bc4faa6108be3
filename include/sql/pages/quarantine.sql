-- name: versions
-- What of 12345 breaks rules, by rule.

SELECT
    d.interface,
    broken.cause,
    count(*) AS rows,
    min(d.taken_in_at) AS oldest
FROM hotline.delivery AS d
CROSS JOIN LATERAL unnest(d.reasons) AS broken (cause)
WHERE d.state = 'quarantined' AND d.discarded_at IS NULL
GROUP BY d.interface, broken.cause
ORDER BY count(*) DESC, d.interface ASC, broken.cause ASC;

-- name: refused
-- What the platform refused, by its code.

SELECT
    d.interface,
    coalesce(d.code, '') AS cause,
    count(*) AS rows,
    min(d.taken_in_at) AS oldest
FROM hotline.delivery AS d
WHERE d.state = 'rejected' AND d.discarded_at IS NULL
GROUP BY d.interface, coalesce(d.code, '')
ORDER BY count(*) DESC, d.interface ASC, coalesce(d.code, '') ASC;

-- name: answers
-- Rows of the platform that break rules, by rule.

SELECT
    a.interface,
    broken.cause,
    count(*) AS rows,
    min(a.first_seen_at) AS oldest
FROM hotline.quarantined_answer AS a
CROSS JOIN LATERAL unnest(a.reasons) AS broken (cause)
WHERE a.state = 'open'
GROUP BY a.interface, broken.cause
ORDER BY count(*) DESC, a.interface ASC, broken.cause ASC;
