-- Consultation answered later (4.2.14). The interfaces carry no time of handling.

SELECT DISTINCT ON (f.odrno)
    f.odrno AS regino,
    f.agent AS handler,
    f.agenttel AS handlertel,
    f.dealresult AS replycontent
FROM hotline.consultation_feedback AS f INNER JOIN changed ON f.odrno = changed.regino
ORDER BY f.odrno ASC, f.requested_at DESC, f.row_id DESC
