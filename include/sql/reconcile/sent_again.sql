-- What became of versions that were marked to be sent once more.

SELECT
    d.resend,
    count(*) AS versions
FROM hotline.delivery AS d
WHERE d.row_id = any(%(row_ids)s::bigint [])
GROUP BY d.resend
