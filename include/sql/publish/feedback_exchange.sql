-- Every result of an order with its time (4.1.2 step 7). What somebody let in though it names none has that at which it was seen.

SELECT DISTINCT ON (f.region, coalesce(f.feetime, f.requested_at)) -- noqa: ST06
    f.region AS regino,
    coalesce(f.feetime, f.requested_at) AS feetime,
    f.feedbackname,
    f.feedbacktel,
    f.feedbackarea,
    f.feedbackcontent
FROM hotline.case_feedback AS f INNER JOIN changed ON f.region = changed.regino
ORDER BY f.region ASC, coalesce(f.feetime, f.requested_at) ASC, f.requested_at DESC, f.row_id DESC
