DROP INDEX hotline.complaint_order_registime, hotline.report_order_registime, hotline.consultation_order_registime;
ALTER TABLE hotline.quarantined_answer DROP COLUMN window_end, DROP COLUMN window_begin;
DROP TABLE hotline.platform_reading;
DROP TABLE hotline.count_location;
DROP VIEW hotline.reconciliation_missing;
DROP VIEW hotline.reconciliation_history;
DROP VIEW hotline.reconciliation_state;
DROP TABLE hotline.count_reconciliation;
