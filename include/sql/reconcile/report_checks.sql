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
    CASE WHEN s.state <> 'agreed' THEN spell.since END AS since,
    CASE WHEN s.state <> 'agreed' THEN coalesce(spell.repair, '{}') ELSE '{}' END AS repair
FROM hotline.reconciliation_state AS s
CROSS JOIN
    LATERAL (
        SELECT
            min(r.checked_at) AS since,
            (array_agg(r.repair ORDER BY r.row_id DESC) FILTER (WHERE r.repair IS NOT null))[1] AS repair
        FROM hotline.count_reconciliation AS r
        WHERE
            r.day = s.day
            AND r.kind = s.kind
            AND r.row_id > coalesce((
                SELECT max(a.row_id) FROM hotline.count_reconciliation AS a
                WHERE a.day = s.day AND a.kind = s.kind AND a.state = 'agreed'
            ), 0)
    ) AS spell
WHERE s.day >= %(since)s OR s.state <> 'agreed'
ORDER BY s.day, s.kind
