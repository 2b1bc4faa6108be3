-- Docking rows = versions by state + copies, by day (DESIGN rule 1). A version counts on the first of its days, further rows
-- of its content are copies, on that day or a later one.

WITH placed AS (
    SELECT
        r.day,
        r.docking_rows,
        r.uncollected,
        CASE WHEN v.discarded_at IS NULL THEN v.state ELSE 'discarded' END AS state,
        row_number() OVER (PARTITION BY r.key, r.content_hash ORDER BY r.day) = 1 AS is_first
    FROM docking_log_row AS r
    LEFT JOIN hotline.delivery AS v
        ON v.interface = %(interface)s AND r.key = v.key AND r.content_hash = v.content_hash
),

counted AS (
    SELECT
        p.day,
        p.state AS place,
        1 AS log_rows
    FROM placed AS p
    WHERE p.state IS NOT NULL AND p.is_first
    UNION ALL
    SELECT
        p.day,
        'copies' AS place,
        p.docking_rows - CASE WHEN p.is_first THEN 1 ELSE 0 END AS log_rows
    FROM placed AS p
    WHERE p.state IS NOT NULL
    UNION ALL
    SELECT
        p.day,
        'not_collected' AS place,
        p.uncollected AS log_rows
    FROM placed AS p
    WHERE p.state IS NULL
    UNION ALL
    SELECT
        p.day,
        'lost' AS place,
        p.docking_rows - p.uncollected AS log_rows
    FROM placed AS p
    WHERE p.state IS NULL
)

SELECT
    c.day,
    c.place,
    sum(c.log_rows)::bigint AS log_rows
FROM counted AS c
GROUP BY c.day, c.place
