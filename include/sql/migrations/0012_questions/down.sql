-- The views that got a column are made anew afterwards, the others were before (the revision's script).

DROP VIEW analytics.feedback, analytics.seat_hour, hotline.feedback, hotline.code_history;
DROP TABLE hotline.feedback_fact, hotline.seat_hour;

DROP TRIGGER mark_inserted ON hotline.seat_login_log;
DROP TRIGGER mark_updated_from ON hotline.seat_login_log;
DROP TRIGGER mark_updated_to ON hotline.seat_login_log;
DROP TRIGGER mark_deleted ON hotline.seat_login_log;
DROP FUNCTION hotline.mark_seat_days;

DELETE FROM hotline.rollup_mark
WHERE rollup = 'seat_hour';
ALTER TABLE hotline.rollup_mark DROP CONSTRAINT rollup_mark_rollup_check,
ADD CONSTRAINT rollup_mark_rollup_check
CHECK (rollup IN ('call_hour', 'satisfaction_day', 'order_day', 'indicator_month'));
