-- How many orders of each day the platform accepted, and how many of them are among the cases of that day.

SELECT
    o.day,
    count(*) AS delivered,
    count(*) FILTER (WHERE o.is_local_that_day) AS matched
FROM delivered_order AS o
GROUP BY o.day
