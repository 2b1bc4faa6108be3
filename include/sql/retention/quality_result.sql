DELETE FROM hotline.quality_result
WHERE
    row_id IN (
        SELECT old.row_id
        FROM hotline.quality_result AS old
        WHERE old.checked_at < now() - %(keep)s::interval
        ORDER BY old.row_id
        LIMIT %(batch)s
    )
