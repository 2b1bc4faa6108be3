-- In the order in which 12345 says that they were made; where its time cannot be read, by when they were written. The time is
-- told as a clock in Shanghai shows it: no program has to read it, whatever its year.

SELECT
    s.regino,
    s.content,
    to_char(m.made_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') AS made_at
FROM hotline.order_supplement AS s
CROSS JOIN LATERAL (SELECT coalesce(hotline.wire_time(s.supplementtime), s.written_at) AS made_at) AS m
WHERE s.regino = any(%(keys)s::text []) AND s.is_current AND NOT hotline.is_blank(s.content)
ORDER BY m.made_at, s.row_id
