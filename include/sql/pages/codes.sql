-- name: lists
-- What is known of each list that has codes or was delivered.

SELECT
    s.versions,
    s.codes,
    s.source,
    s.source_date,
    u.codes AS unknown_codes,
    d.actor,
    d.decided_at,
    coalesce(s.category, u.category) AS category
FROM (
    SELECT
        v.category,
        count(*) AS versions,
        count(*) FILTER (
            WHERE coalesce(v.valid_from, '-infinity') <= current_date AND coalesce(v.valid_to, 'infinity') >= current_date
        ) AS codes,
        (array_agg(v.source ORDER BY v.source_date DESC, v.row_id DESC))[1] AS source,
        max(v.source_date) AS source_date
    FROM hotline.standard_data AS v
    GROUP BY v.category
) AS s
FULL JOIN (
    SELECT
        c.category,
        count(DISTINCT c.code) AS codes
    FROM hotline.unknown_code AS c
    GROUP BY c.category
) AS u ON s.category = u.category
LEFT JOIN hotline.code_delivery AS d ON coalesce(s.category, u.category) = d.category AND d.state = 'in_use';

-- name: versions
-- The versions of one list by code, behind a place.

SELECT
    s.row_id,
    s.code,
    s.name,
    s.valid_from,
    s.valid_to,
    s.source,
    s.source_date,
    coalesce(s.valid_from, '-infinity') <= current_date AND coalesce(s.valid_to, 'infinity') >= current_date AS holds
FROM hotline.standard_data AS s
WHERE
    s.category = %(category)s
    AND (%(text)s::text IS NULL OR starts_with(s.code, %(text)s) OR strpos(s.name, %(text)s) > 0)
    AND (%(after_code)s::text IS NULL OR (s.code, s.row_id) > (%(after_code)s, %(after_id)s::bigint))
ORDER BY s.code, s.row_id
LIMIT %(limit)s;

-- name: unknown
-- Codes that the list does not have, as they were counted last.

SELECT
    c.interface,
    c.field,
    c.code,
    c.row_count,
    c.counted_at
FROM hotline.unknown_code AS c
WHERE c.category = %(category)s
ORDER BY c.row_count DESC, c.interface ASC, c.field ASC, c.code ASC
LIMIT 200;

-- name: deliveries
-- Files that were delivered for one list, the newest first.

SELECT
    d.row_id,
    d.uploaded_at,
    d.actor,
    d.file_name,
    d.source,
    d.source_date,
    d.holds_from,
    d.state,
    d.decided_at,
    jsonb_array_length(d.codes) AS codes
FROM hotline.code_delivery AS d
WHERE d.category = %(category)s
ORDER BY d.row_id DESC
LIMIT %(limit)s;
