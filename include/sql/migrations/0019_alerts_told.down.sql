DROP INDEX hotline.count_reconciliation_differing;
DROP INDEX hotline.quarantined_answer_first_seen;
DROP INDEX hotline.collection_window_incomplete;
DROP INDEX hotline.run_log_finished_at;
DROP INDEX hotline.run_log_dag;
CREATE INDEX run_log_dag ON hotline.run_log (dag, subject, finished_at DESC);
DROP INDEX hotline.alert_day;

COMMENT ON COLUMN hotline.alert.sent_at IS NULL;
ALTER TABLE hotline.alert DROP COLUMN newest;

DROP TABLE hotline.alert_told;
DROP TABLE hotline.deployment;
