DELETE FROM hotline.interaction_log
WHERE
    row_id IN (
        SELECT old.row_id
        FROM hotline.interaction_log AS old
        WHERE old.started_at < now() - %(keep)s::interval
        ORDER BY old.row_id
        LIMIT %(batch)s
    )
