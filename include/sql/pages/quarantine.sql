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

-- name: rows_of_versions
-- Contents of one cause, behind a row and up to another, without their bodies.

SELECT
    d.row_id,
    d.key,
    d.written_at AS came_at,
    d.reasons,
    NULL AS message
FROM hotline.delivery AS d
WHERE
    d.state = 'quarantined'
    AND d.discarded_at IS NULL
    AND d.interface = %(interface)s
    AND %(cause)s = any(d.reasons)
    AND d.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR d.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s))
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: rows_of_refused
-- What the platform refused with one code, in the same columns.

SELECT
    d.row_id,
    d.key,
    d.settled_at AS came_at,
    d.reasons,
    d.message
FROM hotline.delivery AS d
WHERE
    d.state = 'rejected'
    AND d.discarded_at IS NULL
    AND d.interface = %(interface)s
    AND coalesce(d.code, '') = %(cause)s
    AND d.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR d.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s))
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: rows_of_answers
-- Rows of the platform of one cause, in the same columns.

SELECT
    a.row_id,
    a.key,
    a.first_seen_at AS came_at,
    a.reasons,
    NULL AS message
FROM hotline.quarantined_answer AS a
WHERE
    a.state = 'open'
    AND a.interface = %(interface)s
    AND %(cause)s = any(a.reasons)
    AND a.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR a.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR a.row_id = any(%(row_ids)s))
ORDER BY a.row_id
LIMIT %(limit)s;
