-- Orders that 12345 took, by the day of registration that their newest row names: eight digits, whatever the text is else.

SELECT
    newest.regino,
    newest.day,
    newest.uncollected
FROM (
    SELECT DISTINCT ON (d.regino)
        left(d.regino, 200) AS regino,
        left(translate(d.registime, '-', ''), 8) AS day,
        d.collected_at IS NULL AS uncollected
    FROM {table} AS d
    WHERE d.regino <> ''
    ORDER BY d.regino ASC, d.written_at DESC
) AS newest
WHERE newest.day = any(%(days)s::text [])
