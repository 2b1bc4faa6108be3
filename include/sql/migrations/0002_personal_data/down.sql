-- Takes 0002_personal_data back; the keys are lost, and are made anew by the next way up.

DROP VIEW
analytics.order_text, analytics.audit_trail, analytics.exchange, analytics.reconciliation_check, hotline.order_person;

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
hotline.normal_phone, hotline.identity_check, hotline.normal_identity, hotline.keyed_hash, hotline.person_key,
hotline.identity_key, hotline.make_person_secret, hotline.mask_phone, hotline.mask_name, hotline.mask_address,
hotline.scrub_text;

DROP TABLE hotline.person_secret, hotline.person_rotation;
