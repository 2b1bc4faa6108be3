-- Of forms that nobody opened in time. The gateway does so every minute; this is for one that stands still.

UPDATE hotline.form_launch
SET prefill = NULL
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.form_launch AS old
        WHERE old.prefill IS NOT NULL AND old.launched_at < now() - %(keep)s::interval
        ORDER BY old.launched_at
        LIMIT %(batch)s
    ))
