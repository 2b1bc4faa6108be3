-- In the order in which 12345 says that they were made; where its time cannot be read, by when they were written.

SELECT
    s.regino,
    s.content,
    coalesce(hotline.wire_time(s.supplementtime), s.written_at) AS made_at
FROM hotline.order_supplement AS s
WHERE s.regino = any(%(keys)s::text []) AND s.is_current AND NOT hotline.is_blank(s.content)
ORDER BY made_at, s.row_id
