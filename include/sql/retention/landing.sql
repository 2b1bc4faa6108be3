DELETE FROM hotline.landing
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.landing AS old
        WHERE old.requested_at < now() - %(keep)s::interval
        ORDER BY old.requested_at
        LIMIT %(batch)s
    ))
