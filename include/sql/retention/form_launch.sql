DELETE FROM hotline.form_launch
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.form_launch AS old
        WHERE old.launched_at < now() - %(keep)s::interval
        ORDER BY old.launched_at
        LIMIT %(batch)s
    ))
