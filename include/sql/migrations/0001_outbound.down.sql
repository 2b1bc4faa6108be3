DROP FUNCTION hotline.wire_time (text);
DROP FUNCTION hotline.wire_digits (text);
DROP FUNCTION hotline.is_blank (text);
DROP TABLE hotline.interaction_log;
DROP TABLE hotline.operator_action;
DROP VIEW hotline.quarantine;
DROP TABLE hotline.delivery;
