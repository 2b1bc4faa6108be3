DROP INDEX hotline.consultation_case_registime;
DROP INDEX hotline.report_case_registime;
DROP INDEX hotline.complaint_case_registime;
DROP VIEW hotline.open_order;
DROP VIEW hotline.registered_order;
DROP TABLE hotline.quarantined_answer;
DROP TABLE hotline.landing;
DROP TABLE hotline.collection_window;
