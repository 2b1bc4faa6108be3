DROP INDEX hotline.satisfaction_log_written_at;
DROP INDEX hotline.seat_login_log_written_at;
DROP INDEX hotline.recording_log_written_at;
DROP INDEX hotline.call_log_written_at;
DROP TABLE hotline.quality_result;
