DROP TABLE hotline.satisfaction_log_history;
DROP TABLE hotline.satisfaction_log;
DROP TABLE hotline.seat_login_log_history;
DROP TABLE hotline.seat_login_log;
DROP TABLE hotline.recording_log_history;
DROP TABLE hotline.recording_log;
DROP TABLE hotline.call_log_history;
DROP TABLE hotline.call_log;
