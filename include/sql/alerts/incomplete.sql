-- Seconds of registration that hold more rows than an answer can, and that nobody has accepted. Columns are read by place.

SELECT -- noqa: ST06
    u.subject,
    min(u.since) AS since,
    count(*) AS count
FROM hotline.unaccepted AS u
WHERE u.unexplained IS NULL
GROUP BY u.subject
