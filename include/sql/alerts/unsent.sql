SELECT
    row_id,
    cause,
    subject,
    since,
    count
FROM hotline.alert
WHERE sent_at IS NULL
ORDER BY row_id
FOR UPDATE SKIP LOCKED
