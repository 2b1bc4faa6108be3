-- Bodies of versions that the platform has, or will never get; their SHA-256 stays. Of a record whose personal data were erased,
-- and that 12345 wrote anew, at once; recordings have a key of their own.

UPDATE hotline.delivery
SET body = NULL
WHERE
    row_id = any(array(
        SELECT d.row_id
        FROM hotline.delivery AS d
        WHERE
            d.body IS NOT NULL
            AND d.state IN ('delivered', 'superseded')
            AND d.resend IS DISTINCT FROM 'due'
            AND (
                d.settled_at < now() - %(keep)s::interval
                OR d.key IN (
                    SELECT e.key FROM hotline.erased_record AS e
                    UNION ALL
                    SELECT r.recordid FROM hotline.erased_record AS e
                    INNER JOIN hotline.recording_log AS r ON e.key = r.callid
                    WHERE e.kind = 'call' AND r.recordid IS NOT NULL
                )
            )
        ORDER BY d.settled_at
        LIMIT %(batch)s
    ))
