-- name: record
-- One row for each check of a day and kind; none is ever changed.

INSERT INTO hotline.count_reconciliation (
    checked_at, day, kind, docking_count, delivered_count, platform_count, local_count, explained, unexplained, state, repair
)
SELECT
    %(checked_at)s,
    c.day,
    c.kind,
    c.docking_count,
    c.delivered_count,
    c.platform_count,
    c.local_count,
    c.explained,
    c.unexplained,
    c.state,
    c.repair
FROM jsonb_to_recordset(%(checks)s::jsonb) AS c (
    day date,
    kind text,
    docking_count integer,
    delivered_count integer,
    platform_count integer,
    local_count integer,
    explained jsonb,
    unexplained integer,
    state text,
    repair jsonb
);

-- name: collected_since
-- The first moment from which cases of all kinds are collected.

SELECT max(first.begins) AS since
FROM (
    SELECT min(w.begins) AS begins
    FROM hotline.collection_window AS w
    WHERE w.interface = any(%(interfaces)s::text [])
    GROUP BY w.interface
    HAVING bool_or(w.visited_at IS NOT NULL)
) AS first
HAVING count(*) = cardinality(%(interfaces)s::text []);

-- name: unsettled_days
-- Days beyond the usual range that are still to be settled: never counted, or not agreed when they last were.

SELECT
    m.day,
    NULL AS kind
FROM hotline.reconciliation_missing AS m
UNION
SELECT
    s.day,
    s.kind
FROM hotline.reconciliation_state AS s
WHERE s.state <> 'agreed';

-- name: uncollected_days
-- Days that were never counted and of which nobody has asked for some window of cases yet: the first collection is under way. What
-- was asked for in vain is no excuse: such a day is counted.

SELECT DISTINCT days.day::date AS day
FROM hotline.collection_window AS w
CROSS JOIN
    LATERAL generate_series(
        date_trunc('day', w.begins AT TIME ZONE 'Asia/Shanghai'),
        (w.ends - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai',
        interval '1 day'
    ) AS days (day)
WHERE
    w.interface = any(%(interfaces)s::text [])
    AND w.state = 'open'
    AND w.visited_at IS NULL
    AND days.day < date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai')
    AND NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS r
        WHERE r.day = days.day::date AND r.platform_count IS NOT NULL
    );

-- name: report_checks
-- The latest check of each day and kind: those of the range, and, where they are wanted, older ones that do not agree; since when
-- and what was done.

SELECT
    s.day,
    s.kind,
    s.docking_count,
    s.delivered_count,
    s.platform_count,
    s.local_count,
    s.explained,
    s.unexplained,
    s.state,
    s.checked_at,
    spell.since,
    coalesce(spell.repair, '{}') AS repair
FROM (
    (
        SELECT DISTINCT ON (latest.day, latest.kind) latest.*
        FROM hotline.count_reconciliation AS latest
        WHERE latest.day >= %(since)s AND latest.day <= %(until)s
        ORDER BY latest.day ASC, latest.kind ASC, latest.row_id DESC
    )
    UNION ALL
    SELECT older.* FROM hotline.reconciliation_state AS older
    WHERE %(with_older)s AND older.day < %(since)s AND older.state <> 'agreed'
) AS s
CROSS JOIN
    LATERAL (
        SELECT
            min(r.checked_at) AS since,
            (array_agg(r.repair ORDER BY r.row_id DESC) FILTER (WHERE r.repair IS NOT NULL))[1] AS repair
        FROM hotline.count_reconciliation AS r
        WHERE
            s.state <> 'agreed'
            AND r.day = s.day
            AND r.kind = s.kind
            AND r.row_id > coalesce((
                SELECT max(a.row_id) FROM hotline.count_reconciliation AS a
                WHERE a.day = s.day AND a.kind = s.kind AND a.state = 'agreed'
            ), 0)
    ) AS spell
ORDER BY s.day, s.kind;

-- name: report_locations
-- Where within days that do not agree orders are missing, as it was found last.

SELECT
    l.day,
    l.kind,
    l.begins,
    l.ends,
    l.platform_count,
    l.local_count
FROM (
    SELECT
        c.kind,
        c.begins,
        c.ends,
        c.platform_count,
        c.local_count,
        c.checked_at,
        (c.begins AT TIME ZONE 'Asia/Shanghai')::date AS day,
        max(c.checked_at) OVER (PARTITION BY c.kind, (c.begins AT TIME ZONE 'Asia/Shanghai')::date) AS latest
    FROM hotline.count_location AS c
) AS l
INNER JOIN hotline.reconciliation_state AS s ON l.day = s.day AND l.kind = s.kind
WHERE l.checked_at = l.latest AND s.state <> 'agreed'
ORDER BY l.day, l.kind, l.begins;

-- name: report_repairs
-- Checks before which something was repaired, and what they found after it.

SELECT
    r.checked_at,
    r.day,
    r.kind,
    r.repair,
    r.state
FROM hotline.count_reconciliation AS r
WHERE r.repair IS NOT NULL AND r.checked_at >= %(since)s
ORDER BY r.row_id DESC;

-- name: findings
-- What does not agree as of the last checks, by kind and state, without the days whose difference somebody has accepted.

SELECT
    s.kind,
    s.state,
    count(*) AS days,
    min(s.day) AS first_day,
    max(s.day) AS last_day
FROM hotline.reconciliation_state AS s
WHERE
    s.state = 'unknown'
    OR (
        s.state <> 'agreed'
        AND EXISTS (
            SELECT FROM hotline.unaccepted AS u
            WHERE
                u.subject = s.kind
                AND u.unexplained IS NOT NULL
                AND u.begins = s.day::timestamp AT TIME ZONE 'Asia/Shanghai'
        )
    )
GROUP BY s.kind, s.state
ORDER BY s.kind, s.state;
