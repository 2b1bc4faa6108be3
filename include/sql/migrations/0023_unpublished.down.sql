CREATE INDEX delivery_taken_in_order ON hotline.delivery (taken_in_at)
WHERE interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData');
CREATE INDEX order_audit_decided_at ON hotline.order_audit (decided_at);
CREATE INDEX operator_action_acted_at ON hotline.operator_action (acted_at);
CREATE INDEX complaint_case_history_replaced_at ON hotline.complaint_case_history (replaced_at);
CREATE INDEX report_case_history_replaced_at ON hotline.report_case_history (replaced_at);
CREATE INDEX consultation_case_history_replaced_at ON hotline.consultation_case_history (replaced_at);
CREATE INDEX returned_case_history_replaced_at ON hotline.returned_case_history (replaced_at);
CREATE INDEX case_routing_history_replaced_at ON hotline.case_routing_history (replaced_at);
CREATE INDEX complaint_handling_history_replaced_at ON hotline.complaint_handling_history (replaced_at);
CREATE INDEX report_handling_history_replaced_at ON hotline.report_handling_history (replaced_at);
CREATE INDEX case_extension_history_replaced_at ON hotline.case_extension_history (replaced_at);
CREATE INDEX case_urge_history_replaced_at ON hotline.case_urge_history (replaced_at);
CREATE INDEX complaint_feedback_history_replaced_at ON hotline.complaint_feedback_history (replaced_at);
CREATE INDEX report_feedback_history_replaced_at ON hotline.report_feedback_history (replaced_at);
CREATE INDEX consultation_feedback_history_replaced_at ON hotline.consultation_feedback_history (replaced_at);
CREATE INDEX case_feedback_history_replaced_at ON hotline.case_feedback_history (replaced_at);

-- The triggers go with their functions.
DROP FUNCTION hotline.note_order_changes() CASCADE;
DROP FUNCTION hotline.note_version_change() CASCADE;
DROP FUNCTION hotline.note_standard_data_change() CASCADE;
DROP TABLE hotline.order_change;
DROP TABLE hotline.publish_again;

DROP TABLE hotline.publication;
CREATE TABLE hotline.publication (
    is_whole boolean PRIMARY KEY,
    looked_until timestamptz NOT NULL
);

COMMENT ON TABLE hotline.publication IS '结果回写到何时为止';
COMMENT ON COLUMN hotline.publication.is_whole IS '是否比对了全部工单';
COMMENT ON COLUMN hotline.publication.looked_until IS '此前的变化均已回写';
