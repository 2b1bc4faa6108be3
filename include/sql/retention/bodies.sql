-- Bodies of versions that the platform has, or will never get; their SHA-256 stays.

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
            AND d.settled_at < now() - %(keep)s::interval
        ORDER BY d.settled_at
        LIMIT %(batch)s
    ))
