-- name: state
-- Which version keys are made with, since when, and in how many tables rows still have the one before.

SELECT
    s.version,
    s.made_at,
    (SELECT count(*) FROM hotline.person_rotation)
FROM hotline.person_secret AS s;

-- name: make

SELECT hotline.make_person_secret();

-- name: plan
INSERT INTO hotline.person_rotation AS known (table_name, done_to, ends_at)
SELECT
    %(table)s,
    coalesce(min(t.row_id), 0) - 1,
    coalesce(max(t.row_id), 0)
FROM {table} AS t
ON CONFLICT (table_name) DO UPDATE SET done_to = excluded.done_to, ends_at = excluded.ends_at;

-- name: plan_searches
-- They are rewritten with the rows of the persons, and what is left of them at the end.

INSERT INTO hotline.person_rotation (table_name, done_to, ends_at)
VALUES ('person_search', 0, 0)
ON CONFLICT DO NOTHING;

-- name: searches
-- Those that no row told the new key of.

SELECT hotline.hash_searches_again();

-- name: waiting
SELECT
    r.table_name,
    r.done_to,
    r.ends_at
FROM hotline.person_rotation AS r
ORDER BY r.table_name = 'person_search', r.table_name;

-- name: portion_end
-- The last of the next rows; NULL where none is left.

SELECT max(portion.row_id) FROM (
    SELECT t.row_id FROM {table} AS t
    WHERE t.row_id > %(done_to)s AND t.row_id <= %(ends_at)s
    ORDER BY t.row_id
    LIMIT %(portion)s
) AS portion;

-- name: rewrite
-- The trigger computes the keys anew; rows without a number keep what they have. Searches for these persons go with them.

WITH before AS MATERIALIZED (
    SELECT
        t.row_id,
        t.person_key
    FROM {table} AS t
    WHERE t.row_id > %(done_to)s AND t.row_id <= %(last)s AND ({has_key})
    FOR UPDATE
),

rewritten AS (
    UPDATE {table} AS t
    SET loaded_at = t.loaded_at
    FROM before
    WHERE t.row_id = before.row_id
    RETURNING before.person_key AS key_before, t.person_key
),

followed AS (
    UPDATE hotline.person_search AS s
    SET person_hash = r.person_key, key_version = hotline.person_key_version()
    FROM rewritten AS r
    WHERE s.person_hash = r.key_before AND r.person_key <> r.key_before AND s.key_version < hotline.person_key_version()
)

SELECT count(*) FROM rewritten;

-- name: passed
UPDATE hotline.person_rotation AS r
SET done_to = %(last)s
WHERE r.table_name = %(table)s;

-- name: done
DELETE FROM hotline.person_rotation AS r
WHERE r.table_name = %(table)s;

-- name: log
INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
VALUES (%(actor)s, 'rotate', 'person', 'person_key', %(before)s, %(after)s, %(reason)s);
