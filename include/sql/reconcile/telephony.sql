-- name: docking_log_table
-- Rows of a docking log, on the side of the local store.

CREATE TEMPORARY TABLE docking_log_row (
    day date NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    docking_rows bigint NOT NULL,
    uncollected bigint NOT NULL,
    overdue bigint NOT NULL
) ON COMMIT DROP;

-- name: docking_log_rows
-- What a log of the docking store holds of some days, as versions: key, content hash, day of each row, and whether nobody has
-- collected it. The versions are hashed there, so no personal data travels. A row that nobody has collected and that does not
-- tell when it was written, so that no day would ever miss it, is one of the last day.

SELECT
    told.day,
    left({key}, 200) AS key,
    sha256(convert_to(row_to_json(content)::text, 'UTF8')) AS content_hash,
    count(*) AS docking_rows,
    count(*) FILTER (WHERE d.collected_at IS NULL) AS uncollected,
    count(*) FILTER (
        WHERE d.collected_at IS NULL
        AND coalesce(d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE)
    ) AS overdue
FROM {table} AS d
CROSS JOIN LATERAL (SELECT {content}) AS content
CROSS JOIN
    LATERAL (
        SELECT
            CASE
                WHEN d.written_at BETWEEN '2000-01-01 00:00:00+08' AND now() + interval '1 day'
                    THEN (d.written_at AT TIME ZONE 'Asia/Shanghai')::date
                WHEN d.collected_at IS NULL THEN %(last)s::date
            END AS day
    ) AS told
WHERE
    (
        (d.written_at >= %(begins)s AND d.written_at < %(ends)s)
        OR (
            d.collected_at IS NULL
            AND coalesce(
                d.written_at NOT BETWEEN '2000-01-01 00:00:00+08' AND now() + interval '1 day', TRUE
            )
        )
    )
    AND {only}
    AND told.day = any(%(days)s::date [])
GROUP BY told.day, left({key}, 200), sha256(convert_to(row_to_json(content)::text, 'UTF8'));

-- name: log_side
-- Docking rows = versions by state + copies, by day (architecture: one version, one state). A version counts on the
-- first of its days, further rows of its content are copies, on that day or a later one. What waits too long explains
-- nothing (architecture: explanations have an age): a state beyond it is `late_`, unless a person has decided on the
-- version; another record under its key (`shared_number`) is never explained.

WITH placed AS (
    SELECT
        r.day,
        r.docking_rows,
        r.uncollected,
        r.overdue,
        CASE
            WHEN v.discarded_at IS NOT NULL THEN 'discarded'
            WHEN %(shared)s = any(v.reasons) THEN 'shared_number'
            WHEN v.taken_in_at < now() - (%(ages)s::jsonb ->> v.state)::interval THEN 'late_' || v.state
            ELSE v.state
        END AS state,
        row_number() OVER (PARTITION BY r.key, r.content_hash ORDER BY r.day) = 1 AS is_first
    FROM docking_log_row AS r
    -- LIMIT asks for each by the index: joined as a whole, the queue would be read through, the longer the older it is.
    LEFT JOIN LATERAL (
        SELECT
            d.state,
            d.reasons,
            d.taken_in_at,
            d.discarded_at
        FROM hotline.delivery AS d
        WHERE d.interface = %(interface)s AND d.key = r.key AND d.content_hash = r.content_hash
        ORDER BY d.content_hash
        LIMIT 1
    ) AS v ON TRUE
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
        unknown.place,
        unknown.log_rows
    FROM placed AS p
    CROSS JOIN
        LATERAL (
            VALUES
            ('not_collected', p.uncollected - p.overdue),
            ('late_not_collected', p.overdue),
            ('lost', p.docking_rows - p.uncollected)
        ) AS unknown (place, log_rows)
    WHERE p.state IS NULL
)

SELECT
    c.day,
    c.place,
    sum(c.log_rows)::bigint AS log_rows
FROM counted AS c
GROUP BY c.day, c.place;
