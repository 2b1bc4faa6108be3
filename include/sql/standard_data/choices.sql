-- What may be chosen today of some code lists.

SELECT
    category,
    code,
    name
FROM hotline.standard_data
WHERE
    category = any(%(lists)s::text [])
    AND coalesce(valid_from, '-infinity') <= (now() AT TIME ZONE 'Asia/Shanghai')::date
    AND coalesce(valid_to, 'infinity') >= (now() AT TIME ZONE 'Asia/Shanghai')::date
ORDER BY category, code COLLATE "C"
