-- name: oldest
SELECT min(t.{moment}) AS oldest
FROM {old_table} AS t
WHERE t.{moment} < %(before)s AND isfinite(t.{moment});

-- name: months
SELECT
    date_trunc('month', t.{moment}, 'Asia/Shanghai')::date AS month,
    count(*) AS row_count
FROM {old_table} AS t
WHERE t.{moment} < %(before)s AND isfinite(t.{moment})
GROUP BY month
ORDER BY month;

-- name: columns
SELECT
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
WHERE
    c.relnamespace = 'hotline'::regnamespace AND c.relname = %(table_name)s
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- name: alone
SELECT pg_advisory_xact_lock(hashtextextended(%(what)s, 12345));

-- name: known_table
-- What a file holds of a month whose rows came back: from a backup, or since whoever wrote the file was killed.
CREATE TEMPORARY TABLE archived (row_id bigint NOT NULL, moment timestamptz NOT NULL) ON COMMIT DROP;

-- name: take_known
DELETE FROM {old_table} AS v
USING archived AS a
WHERE v.row_id = a.row_id AND v.{moment} = a.moment AND v.{moment} >= {begins} AND v.{moment} < {ends};

-- name: take
DELETE FROM {old_table} AS v
WHERE v.{moment} >= {begins} AND v.{moment} < {ends}
RETURNING {selected};

-- name: drop_months
SELECT hotline.drop_months(%(table_name)s, %(before)s);
