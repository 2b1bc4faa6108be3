-- Days that were over two days ago and have never been counted by the platform.

SELECT
    '对账' AS subject,
    (min(m.day) + 3)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since,
    count(*) AS count
FROM hotline.reconciliation_missing AS m
WHERE m.day < (now() AT TIME ZONE 'Asia/Shanghai')::date - 2
HAVING count(*) > 0
