DELETE FROM hotline.alert
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.alert AS old
        WHERE old.last_seen_at < now() - %(keep)s::interval
        ORDER BY old.last_seen_at
        LIMIT %(batch)s
    ))
