DELETE FROM hotline.quality_result
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.quality_result AS old
        WHERE old.checked_at < now() - %(keep)s::interval
        ORDER BY old.checked_at
        LIMIT %(batch)s
    ))
