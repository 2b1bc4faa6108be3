-- The latest check of each day and kind: those of the range, and older ones that do not agree, since when and what was done.

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
        WHERE latest.day >= %(since)s
        ORDER BY latest.day ASC, latest.kind ASC, latest.row_id DESC
    )
    UNION ALL
    SELECT older.* FROM hotline.reconciliation_state AS older
    WHERE older.day < %(since)s AND older.state <> 'agreed'
) AS s
CROSS JOIN
    LATERAL (
        SELECT
            min(r.checked_at) AS since,
            (array_agg(r.repair ORDER BY r.row_id DESC) FILTER (WHERE r.repair IS NOT null))[1] AS repair
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
ORDER BY s.day, s.kind
