-- Takes 0009_time_limits.up.sql back.

DROP VIEW hotline.order_deadline_state;
DROP FUNCTION hotline.deadline_states(timestamptz);
DROP VIEW hotline.order_progress;
DROP VIEW hotline.handling_step;
DROP FUNCTION hotline.add_working_days(date, integer);
DROP VIEW hotline.current_order_deadline;
DROP TABLE hotline.order_deadline;
DROP TABLE hotline.handling_meaning;
DROP TABLE hotline.time_limit;
DROP TABLE hotline.calendar_day;
