DELETE FROM hotline.run_log
WHERE
    row_id IN (
        SELECT old.row_id
        FROM hotline.run_log AS old
        WHERE old.finished_at < now() - %(keep)s::interval
        ORDER BY old.row_id
        LIMIT %(batch)s
    )
