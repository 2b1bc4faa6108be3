-- Rows that were put aside though they break no printed rule: our store refuses them, or they hold bytes that are no text.

SELECT
    aside.subject,
    min(aside.since) AS since,
    count(*) AS count,
    max(aside.since) AS newest
FROM (
    SELECT
        d.interface AS subject,
        d.taken_in_at AS since,
        d.reasons
    FROM hotline.delivery AS d
    WHERE d.state = 'quarantined' AND d.discarded_at IS NULL
    UNION ALL
    SELECT
        a.interface AS subject,
        a.first_seen_at AS since,
        -- Bytes of the platform that are no JSON are told as its bad answers.
        array_remove(a.reasons, 'row:unreadable') AS reasons
    FROM hotline.quarantined_answer AS a
    WHERE a.state = 'open'
    UNION ALL
    SELECT
        n.docking_table AS subject,
        n.taken_in_at AS since,
        n.reasons
    FROM hotline.quarantined_note AS n
    WHERE n.state = 'open'
) AS aside
WHERE
    EXISTS (
        SELECT FROM unnest(aside.reasons) AS r (reason)
        WHERE r.reason = 'row:refused' OR r.reason LIKE '%%:unreadable'
    )
GROUP BY aside.subject
