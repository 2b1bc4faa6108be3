-- Report finished (4.2.13). The interfaces carry no case value and no fines.

SELECT DISTINCT ON (f.odrno)
    f.odrno AS regino,
    f.agent AS handler,
    f.feedbackregister AS passedby,
    f.agenttel,
    f.investresult AS suspectedact
FROM hotline.report_feedback AS f INNER JOIN changed ON f.odrno = changed.regino
ORDER BY f.odrno ASC, f.requested_at DESC, f.row_id DESC
