-- name: versions
-- What of 12345 breaks rules, by rule.

SELECT
    d.interface,
    broken.cause,
    count(*) AS rows,
    min(d.taken_in_at) AS oldest
FROM hotline.delivery AS d
CROSS JOIN LATERAL unnest(d.reasons) AS broken (cause)
WHERE
    d.state = 'quarantined'
    AND d.discarded_at IS NULL
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS r
        WHERE r.delivery_id = d.row_id
    )
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
WHERE
    a.state = 'open'
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS r
        WHERE r.answer_id = a.row_id
    )
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
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS r
        WHERE r.delivery_id = d.row_id
    )
    AND d.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR d.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR d.row_id = any(%(row_ids)s))
ORDER BY d.row_id
LIMIT %(limit)s;

-- name: rows_of_refused
-- What the platform refused with one code, in the same columns; of a list that is only counted or done without its words.

SELECT
    d.row_id,
    d.key,
    d.settled_at AS came_at,
    d.reasons,
    CASE
        WHEN %(limit)s <= %(worded)s
            THEN (
                SELECT m.message_scrubbed FROM hotline.shown_refusal AS m
                WHERE m.row_id = d.row_id
            )
    END AS message
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
    AND NOT EXISTS (
        SELECT FROM hotline.asked_release AS r
        WHERE r.answer_id = a.row_id
    )
    AND a.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR a.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR a.row_id = any(%(row_ids)s))
ORDER BY a.row_id
LIMIT %(limit)s;

-- name: notes
-- Notes of 12345 that could not be kept, by docking table and why.

SELECT
    n.docking_table,
    broken.cause,
    count(*) AS rows,
    min(n.taken_in_at) AS oldest
FROM hotline.quarantined_note AS n
CROSS JOIN LATERAL unnest(n.reasons) AS broken (cause)
WHERE n.state = 'open'
GROUP BY n.docking_table, broken.cause
ORDER BY count(*) DESC, n.docking_table ASC, broken.cause ASC;

-- name: rows_of_notes
-- Notes of one cause, in the columns of the other lists.

SELECT
    n.row_id,
    n.regino AS key,
    n.taken_in_at AS came_at,
    n.reasons,
    NULL AS message
FROM hotline.quarantined_note AS n
WHERE
    n.state = 'open'
    AND n.docking_table = %(interface)s
    AND %(cause)s = any(n.reasons)
    AND n.row_id > %(after)s
    AND (%(last)s::bigint IS NULL OR n.row_id <= %(last)s)
    AND (%(row_ids)s::bigint [] IS NULL OR n.row_id = any(%(row_ids)s))
ORDER BY n.row_id
LIMIT %(limit)s;

-- name: note
-- What a note says that tells no person.

SELECT
    n.note_key,
    n.regino,
    n.written_at,
    n.taken_in_at
FROM hotline.quarantined_note AS n
WHERE n.row_id = %(row_id)s AND n.docking_table = %(interface)s;

-- name: content
SELECT hotline.shown_content(%(row_id)s);

-- name: answer
SELECT hotline.shown_answer(%(row_id)s);

-- name: judged
-- What contents broke, and what they are as far as rules look at it: not those whose bytes are escaped.

SELECT
    d.reasons,
    hotline.shown_content(d.row_id) AS content
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s)
    AND d.state = 'quarantined'
    AND d.discarded_at IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest(d.reasons) AS r (reason)
        WHERE r.reason LIKE '%%:unreadable'
    )
ORDER BY d.row_id;

-- name: judged_answers
-- The same of rows of answers.

SELECT hotline.shown_answer(q.row_id) AS content
FROM hotline.quarantined_answer AS q
WHERE q.row_id = any(%(row_ids)s) AND q.state = 'open'
ORDER BY q.row_id;

-- name: one_key_twice
-- Whether two of these versions have one key.

SELECT count(*) > 0 AS is_twice
FROM hotline.delivery AS d
INNER JOIN hotline.delivery AS other ON d.interface = other.interface AND d.key = other.key AND d.row_id < other.row_id
WHERE d.row_id = any(%(row_ids)s) AND other.row_id = any(%(row_ids)s);

-- name: not_followed
-- Of what the platform refused that which no newer content has followed.

SELECT d.row_id
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s)
    AND d.interface = %(interface)s
    AND d.state IN ('rejected', 'waiting')
    AND d.claimed_until IS NULL
    AND d.discarded_at IS NULL
    AND NOT EXISTS (
        SELECT FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.state IN ('waiting', 'delivered', 'rejected')
            AND newer.discarded_at IS NULL
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
    );
