-- Bodies of versions that the platform has, or will never get; their SHA-256 stays. Of a record whose personal data were erased,
-- and that 12345 wrote anew, at once.

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
                OR EXISTS (
                    SELECT FROM hotline.erased_record AS e
                    WHERE e.key = d.key
                )
            )
        ORDER BY d.settled_at
        LIMIT %(batch)s
    ))
