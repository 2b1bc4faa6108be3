INSERT INTO hotline.platform_reading (name, is_inclusive, found_at)
VALUES ('count_begin', %(is_begin)s, now()), ('count_end', %(is_end)s, now())
ON CONFLICT (name) DO UPDATE SET
    is_inclusive = excluded.is_inclusive,
    found_at = excluded.found_at
