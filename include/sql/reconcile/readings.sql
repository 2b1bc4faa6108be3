-- How the platform reads the ends of a window, as it was found out.

SELECT
    bool_or(r.is_inclusive) FILTER (WHERE r.name = 'count_begin') AS is_begin_inclusive,
    bool_or(r.is_inclusive) FILTER (WHERE r.name = 'count_end') AS is_end_inclusive
FROM hotline.platform_reading AS r
