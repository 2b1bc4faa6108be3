-- Complaint finished (4.2.12). The interfaces carry no kind of infringement, no unfulfilled obligation and no fraud mark.

SELECT DISTINCT ON (f.odrno)
    f.odrno AS regino,
    f.agent AS handler,
    f.feedbackregister AS passedby,
    f.agenttel,
    f.dealresult AS mediationresult
FROM hotline.complaint_feedback AS f INNER JOIN changed ON f.odrno = changed.regino
ORDER BY f.odrno ASC, f.requested_at DESC, f.row_id DESC
