DELETE FROM hotline.interaction_log
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.interaction_log AS old
        WHERE old.started_at < now() - %(keep)s::interval
        ORDER BY old.started_at
        LIMIT %(batch)s
    ))
