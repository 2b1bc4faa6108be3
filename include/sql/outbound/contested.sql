-- Versions of the batch whose key has another content, in the batch or before it, oldest first, with what names their record.

SELECT
    v.position,
    v.key,
    {names} AS names
FROM version AS v
-- LIMIT asks for each by the index, however long the queue is.
LEFT JOIN LATERAL (
    SELECT TRUE AS is_known
    FROM hotline.delivery AS d
    WHERE d.interface = %(interface)s AND d.key = v.key AND d.content_hash <> v.content_hash
    ORDER BY d.content_hash
    LIMIT 1
) AS other ON TRUE
WHERE
    NOT hotline.is_blank(v.key)
    AND (
        other.is_known
        OR v.key IN (
            SELECT several.key FROM version AS several
            GROUP BY several.key
            HAVING count(*) > 1
        )
    )
ORDER BY v.written_at, v.position
