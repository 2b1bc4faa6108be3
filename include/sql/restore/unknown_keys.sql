SELECT count(*) AS unknown
FROM unnest(%(keys)s::text []) AS collected (key)
WHERE
    NOT EXISTS (
        SELECT FROM hotline.delivery AS d
        WHERE d.interface = %(interface)s AND d.key = collected.key
    )
