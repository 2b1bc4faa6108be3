DELETE FROM hotline.landing
WHERE
    row_id IN (
        SELECT old.row_id
        FROM hotline.landing AS old
        WHERE old.requested_at < now() - %(keep)s::interval
        ORDER BY old.row_id
        LIMIT %(batch)s
    )
