-- Standard data (4.2.18): of each code the version that holds today, else the next one to come, else the last.

SELECT DISTINCT ON (s.category, s.code)
    s.category_zh AS category,
    s.code,
    s.name AS content,
    s.valid_from AS validfrom,
    s.valid_to AS validto
FROM hotline.standard_data AS s
ORDER BY
    s.category ASC,
    s.code ASC,
    coalesce(s.valid_from, '-infinity') <= current_date AND coalesce(s.valid_to, 'infinity') >= current_date DESC,
    s.valid_from > current_date DESC NULLS LAST,
    CASE WHEN s.valid_from > current_date THEN s.valid_from END ASC,
    s.valid_from DESC NULLS LAST,
    s.row_id DESC
