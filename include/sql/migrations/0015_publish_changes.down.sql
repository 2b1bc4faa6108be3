CREATE VIEW hotline.finished_order AS
SELECT odrno AS regino FROM hotline.complaint_feedback
UNION
SELECT odrno AS regino FROM hotline.report_feedback
UNION
SELECT odrno AS regino FROM hotline.consultation_feedback
UNION
SELECT region AS regino FROM hotline.case_feedback;

COMMENT ON VIEW hotline.finished_order IS '已有反馈的工单';

DROP INDEX hotline.operator_action_acted_at;
