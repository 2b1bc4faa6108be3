-- Days that do not agree as of their latest check and that nobody has accepted, by kind. Columns are read by place.

SELECT -- noqa: ST06
    u.subject,
    min(u.since) AS since,
    count(*) AS count
FROM hotline.unaccepted AS u
WHERE u.unexplained IS NOT NULL
GROUP BY u.subject
