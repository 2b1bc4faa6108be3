DROP INDEX hotline.delivery_audited;
DROP TRIGGER note_decision ON hotline.order_audit;
DROP FUNCTION hotline.note_decision;
ALTER TABLE hotline.delivery DROP COLUMN is_returned;
