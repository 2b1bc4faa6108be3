-- Contents of these keys that count for the record of their key, and whether the platform has them.

SELECT
    d.key,
    d.content_hash,
    d.state = 'delivered' AS is_delivered
FROM hotline.delivery AS d
WHERE
    d.interface = %(interface)s
    AND d.key = any(%(keys)s::text [])
    AND d.discarded_at IS NULL
    AND NOT %(shared)s = any(d.reasons)
