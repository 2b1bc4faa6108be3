DROP INDEX hotline.count_reconciliation_differing;
DROP INDEX hotline.quarantined_answer_first_seen;
DROP INDEX hotline.collection_window_incomplete;
DROP INDEX hotline.run_log_finished_at;
DROP INDEX hotline.run_log_dag;
CREATE INDEX run_log_dag ON hotline.run_log (dag, subject, finished_at DESC);
DROP INDEX hotline.alert_day;

ALTER TABLE hotline.alert DROP COLUMN newest, ADD COLUMN sent_at timestamptz;

UPDATE hotline.alert AS a
SET sent_at = told.sent_at
FROM (
    SELECT
        t.alert,
        min(t.sent_at) AS sent_at
    FROM hotline.alert_told AS t
    GROUP BY t.alert
) AS told
WHERE a.row_id = told.alert;

DROP TABLE hotline.alert_told;
DROP TABLE hotline.deployment;
