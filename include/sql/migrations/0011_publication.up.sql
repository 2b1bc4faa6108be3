-- Until when results were written back to 12345, which orders are finished, and indexes by which a run finds what changed.

CREATE TABLE hotline.publication (
    is_whole boolean PRIMARY KEY,
    looked_until timestamptz NOT NULL
);

COMMENT ON TABLE hotline.publication IS '结果回写到何时为止';
COMMENT ON COLUMN hotline.publication.is_whole IS '是否比对了全部工单';
COMMENT ON COLUMN hotline.publication.looked_until IS '此前的变化均已回写';

CREATE VIEW hotline.finished_order AS
SELECT odrno AS regino FROM hotline.complaint_feedback
UNION
SELECT odrno AS regino FROM hotline.report_feedback
UNION
SELECT odrno AS regino FROM hotline.consultation_feedback
UNION
SELECT region AS regino FROM hotline.case_feedback;

COMMENT ON VIEW hotline.finished_order IS '已有反馈的工单';

CREATE INDEX delivery_settled_order ON hotline.delivery (settled_at)
WHERE interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData');
CREATE INDEX delivery_taken_in_order ON hotline.delivery (taken_in_at)
WHERE interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData');
CREATE INDEX order_audit_decided_at ON hotline.order_audit (decided_at);
CREATE INDEX complaint_case_loaded_at ON hotline.complaint_case (loaded_at);
CREATE INDEX complaint_case_history_replaced_at ON hotline.complaint_case_history (replaced_at);
CREATE INDEX report_case_loaded_at ON hotline.report_case (loaded_at);
CREATE INDEX report_case_history_replaced_at ON hotline.report_case_history (replaced_at);
CREATE INDEX consultation_case_loaded_at ON hotline.consultation_case (loaded_at);
CREATE INDEX consultation_case_history_replaced_at ON hotline.consultation_case_history (replaced_at);
CREATE INDEX returned_case_loaded_at ON hotline.returned_case (loaded_at);
CREATE INDEX returned_case_history_replaced_at ON hotline.returned_case_history (replaced_at);
CREATE INDEX case_routing_loaded_at ON hotline.case_routing (loaded_at);
CREATE INDEX case_routing_history_replaced_at ON hotline.case_routing_history (replaced_at);
CREATE INDEX complaint_handling_loaded_at ON hotline.complaint_handling (loaded_at);
CREATE INDEX complaint_handling_history_replaced_at ON hotline.complaint_handling_history (replaced_at);
CREATE INDEX report_handling_loaded_at ON hotline.report_handling (loaded_at);
CREATE INDEX report_handling_history_replaced_at ON hotline.report_handling_history (replaced_at);
CREATE INDEX case_extension_loaded_at ON hotline.case_extension (loaded_at);
CREATE INDEX case_extension_history_replaced_at ON hotline.case_extension_history (replaced_at);
CREATE INDEX case_urge_loaded_at ON hotline.case_urge (loaded_at);
CREATE INDEX case_urge_history_replaced_at ON hotline.case_urge_history (replaced_at);
CREATE INDEX complaint_feedback_loaded_at ON hotline.complaint_feedback (loaded_at);
CREATE INDEX complaint_feedback_history_replaced_at ON hotline.complaint_feedback_history (replaced_at);
CREATE INDEX report_feedback_loaded_at ON hotline.report_feedback (loaded_at);
CREATE INDEX report_feedback_history_replaced_at ON hotline.report_feedback_history (replaced_at);
CREATE INDEX consultation_feedback_loaded_at ON hotline.consultation_feedback (loaded_at);
CREATE INDEX consultation_feedback_history_replaced_at ON hotline.consultation_feedback_history (replaced_at);
CREATE INDEX case_feedback_loaded_at ON hotline.case_feedback (loaded_at);
CREATE INDEX case_feedback_history_replaced_at ON hotline.case_feedback_history (replaced_at);
