-- Records that came again after their personal data were erased, and were erased again.

SELECT
    CASE e.kind WHEN 'order' THEN '工单' ELSE '话务' END AS subject,
    min(e.seen_again_at) AS since,
    count(*) AS count,
    max(e.seen_again_at) AS newest
FROM hotline.erased_record AS e
WHERE e.seen_again_at IS NOT null
GROUP BY e.kind
