-- Windows that could not be collected whole, by day; a window of the bottom holds two seconds.

SELECT
    (w.begins AT TIME ZONE 'Asia/Shanghai')::date AS day,
    count(*) AS windows
FROM hotline.collection_window AS w
WHERE
    w.interface = %(case_interface)s
    AND w.state = 'incomplete'
    AND w.begins >= %(begins)s
    AND w.begins < %(ends)s
GROUP BY 1
