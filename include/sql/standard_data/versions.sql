-- All versions of the codes of some lists.

SELECT
    s.category,
    s.category_zh,
    s.code,
    s.name,
    s.valid_from,
    s.valid_to,
    s.source,
    s.source_date
FROM hotline.standard_data AS s
WHERE s.category = any(%(categories)s::text [])
ORDER BY s.category ASC, s.code ASC, s.valid_from ASC NULLS FIRST
