-- Every result of an order with its time (4.1.2 step 7), from the feedback that names one.

SELECT DISTINCT ON (f.region, f.feetime)
    f.region AS regino,
    f.feetime,
    f.feedbackname,
    f.feedbacktel,
    f.feedbackarea,
    f.feedbackcontent
FROM hotline.case_feedback AS f INNER JOIN changed ON f.region = changed.regino
WHERE f.feetime IS NOT NULL
ORDER BY f.region ASC, f.feetime ASC, f.requested_at DESC, f.row_id DESC
