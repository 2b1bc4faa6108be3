-- Claims of a backup are held by nobody, and what their tries became is not known. Where a newer content of the key is there,
-- the old one is never sent after it; else the claim ends, and the version is due like one of unknown outcome.

UPDATE hotline.delivery AS d
SET
    state = CASE WHEN unsettled.overtaken THEN 'superseded' ELSE d.state END,
    settled_at = CASE WHEN unsettled.overtaken THEN now() ELSE d.settled_at END,
    outcome_unknown = d.state <> 'delivered' AND NOT unsettled.overtaken,
    claimed_by = NULL,
    claimed_until = NULL,
    next_attempt_at = CASE WHEN d.state <> 'delivered' AND NOT unsettled.overtaken THEN now() END
FROM (
    SELECT
        v.row_id,
        v.state <> 'delivered' AND v.key <> '' AND EXISTS (
            SELECT FROM hotline.delivery AS newer
            WHERE
                newer.interface = v.interface
                AND newer.key = v.key
                AND (newer.written_at, newer.row_id) > (v.written_at, v.row_id)
                AND newer.state IN ('waiting', 'delivered', 'rejected')
        ) AS overtaken
    FROM hotline.delivery AS v
    WHERE
        (v.claimed_until IS NOT NULL OR v.outcome_unknown)
        AND v.state IN ('waiting', 'rejected', 'delivered')
        AND v.discarded_at IS NULL
) AS unsettled
WHERE d.row_id = unsettled.row_id
