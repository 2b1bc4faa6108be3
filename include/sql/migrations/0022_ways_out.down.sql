DROP VIEW hotline.unaccepted;
DROP TABLE hotline.acceptance;

UPDATE hotline.quarantined_answer SET state = 'discarded'
WHERE state = 'released';
ALTER TABLE hotline.quarantined_answer DROP CONSTRAINT quarantined_answer_state_check;
ALTER TABLE hotline.quarantined_answer ADD CONSTRAINT quarantined_answer_state_check CHECK (
    state IN ('open', 'replaced', 'discarded')
);

DELETE FROM hotline.operator_action
WHERE delivery_id IS null;
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN ('release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw')
);
ALTER TABLE hotline.operator_action DROP COLUMN answer_id;
ALTER TABLE hotline.operator_action ALTER COLUMN delivery_id SET NOT NULL;

COMMENT ON TABLE hotline.operator_action IS '人工处置记录：谁、何时、对哪个版本、为何';
COMMENT ON COLUMN hotline.operator_action.delivery_id IS NULL;
COMMENT ON COLUMN hotline.operator_action.action IS NULL;
COMMENT ON COLUMN hotline.quarantined_answer.state IS 'open 待处理, replaced 平台已更正, discarded 已人工确认';
COMMENT ON COLUMN hotline.delivery.discarded_at IS '经人工确认不再处理的隔离版本；版本仍在，仍计入 quarantined';
