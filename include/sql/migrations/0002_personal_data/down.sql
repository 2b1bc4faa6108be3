-- Takes 0002_personal_data back; the keys are lost, and are made anew by the next way up.

DROP VIEW
analytics.order_text, analytics.audit_trail, analytics.exchange, analytics.reconciliation_check, hotline.order_person;

DROP TRIGGER keep_erased ON hotline.quarantined_answer;
DROP TRIGGER keep_erased ON hotline.order_source;
DROP TRIGGER keep_erased ON hotline.call_log;
DROP TRIGGER keep_erased ON hotline.recording_log;
DROP TRIGGER keep_erased ON hotline.case_feedback;
DROP TRIGGER keep_erased ON hotline.complaint_order;
DROP TRIGGER keep_erased ON hotline.report_order;
DROP TRIGGER keep_erased ON hotline.consultation_order;
DROP TRIGGER keep_erased ON hotline.complaint_case;
DROP TRIGGER keep_erased ON hotline.report_case;
DROP TRIGGER keep_erased ON hotline.consultation_case;
DROP TRIGGER keep_erased ON hotline.returned_case;
DROP TRIGGER keep_erased ON hotline.complaint_handling;
DROP TRIGGER keep_erased ON hotline.report_handling;
DROP TRIGGER keep_erased ON hotline.case_extension;
DROP TRIGGER keep_erased ON hotline.case_urge;
DROP TRIGGER keep_erased ON hotline.complaint_feedback;
DROP TRIGGER keep_erased ON hotline.report_feedback;
DROP TRIGGER keep_erased ON hotline.consultation_feedback;

DROP TRIGGER keep_person_keys ON hotline.call_log;
DROP TRIGGER keep_person_keys ON hotline.call_log_history;
DROP TRIGGER keep_person_keys ON hotline.complaint_order;
DROP TRIGGER keep_person_keys ON hotline.complaint_order_history;
DROP TRIGGER keep_person_keys ON hotline.report_order;
DROP TRIGGER keep_person_keys ON hotline.report_order_history;
DROP TRIGGER keep_person_keys ON hotline.consultation_order;
DROP TRIGGER keep_person_keys ON hotline.consultation_order_history;
DROP TRIGGER keep_person_keys ON hotline.complaint_case;
DROP TRIGGER keep_person_keys ON hotline.complaint_case_history;
DROP TRIGGER keep_person_keys ON hotline.report_case;
DROP TRIGGER keep_person_keys ON hotline.report_case_history;
DROP TRIGGER keep_person_keys ON hotline.consultation_case;
DROP TRIGGER keep_person_keys ON hotline.consultation_case_history;
ALTER TABLE hotline.call_log DROP COLUMN person_key;
ALTER TABLE hotline.call_log_history DROP COLUMN person_key;
ALTER TABLE hotline.complaint_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_case_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_case_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_case_history DROP COLUMN person_key, DROP COLUMN identity_key;

DROP FUNCTION
hotline.keep_keys_of_call_log, hotline.keep_keys_of_complaint_order, hotline.keep_keys_of_report_order,
hotline.keep_keys_of_consultation_order, hotline.keep_keys_of_complaint_case, hotline.keep_keys_of_report_case,
hotline.keep_keys_of_consultation_case,
hotline.normal_phone, hotline.spelled_phone, hotline.identity_check, hotline.normal_identity, hotline.spelled_identity,
hotline.mask_other_phone, hotline.mask_other_address, hotline.hmac_sha256, hotline.keyed_hash, hotline.person_key,
hotline.identity_key, hotline.make_person_secret, hotline.mask_phone, hotline.mask_name, hotline.mask_address,
hotline.scrub_text, hotline.erased_text, hotline.erased_link, hotline.erased_body, hotline.erase_rows, hotline.keep_erased,
hotline.keep_erased_answers, hotline.keep_erased_source;

DROP TABLE hotline.person_secret, hotline.person_rotation, hotline.erased_record;

-- What the version before has no word for.
DELETE FROM hotline.operator_action
WHERE action IN ('erase', 'rotate');
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定';
