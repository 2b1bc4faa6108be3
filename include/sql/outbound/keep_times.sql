-- Known content that is read again under a time that cannot be used: was it written again, or only read again? It was written
-- again where another content of its key is newer and is not read beside it. Else it keeps the time that it has, or a row
-- that a killed run had not marked would outdo what came after it (architecture: never old after new).

UPDATE version AS v
SET written_at = d.written_at
FROM hotline.delivery AS d
WHERE
    NOT v.is_timed
    AND d.interface = %(interface)s
    AND v.key = d.key
    AND v.content_hash = d.content_hash
    AND (
        v.key = ''
        OR NOT EXISTS (
            SELECT 1
            FROM hotline.delivery AS newer
            WHERE
                newer.interface = %(interface)s
                AND newer.key = v.key
                AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id) -- noqa: RF01
                AND NOT EXISTS (
                    SELECT 1 FROM version AS beside
                    WHERE beside.key = newer.key AND beside.content_hash = newer.content_hash
                )
        )
    )
