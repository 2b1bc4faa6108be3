-- Now, until when the last run had looked, and when every order was compared last.

SELECT
    now() AS now,
    max(p.looked_until) AS looked_until,
    max(p.looked_until) FILTER (WHERE p.is_whole) AS whole_at
FROM hotline.publication AS p
