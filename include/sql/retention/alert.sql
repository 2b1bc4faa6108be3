DELETE FROM hotline.alert
WHERE
    row_id IN (
        SELECT old.row_id
        FROM hotline.alert AS old
        WHERE old.last_seen_at < now() - %(keep)s::interval
        ORDER BY old.row_id
        LIMIT %(batch)s
    )
