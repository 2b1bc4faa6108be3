-- Acts that the older version does not know cannot stay in its table.
DELETE FROM hotline.operator_action
WHERE action IN ('audit_pass', 'audit_return', 'complete', 'withdraw');
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN ('release', 'discard', 'replay')
);
DROP TABLE hotline.seat_history;
DROP TABLE hotline.seat;
DROP TABLE hotline.order_audit;
DROP VIEW hotline.order_overlay;
DROP VIEW hotline.order_urgency;
DROP TABLE hotline.order_urge;
DROP TABLE hotline.order_supplement;
DROP FUNCTION hotline.note_key(text, text);
DROP TABLE hotline.order_completion;
DROP TABLE hotline.order_source;
