-- A restore of the local store that has not ended, or that is needed and nobody has begun. Columns are read by place.

SELECT -- noqa: ST06
    CASE WHEN r.since IS NULL THEN '尚未补读' ELSE '尚未结束' END AS subject,
    r.found_at AS since,
    1 AS count
FROM hotline.restore AS r
WHERE r.ended_at IS NULL
