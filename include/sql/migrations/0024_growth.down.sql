ALTER TABLE hotline.collection_window RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_analyze_scale_factor
);
ALTER TABLE hotline.delivery RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup, autovacuum_analyze_scale_factor
);

CREATE OR REPLACE VIEW hotline.reconciliation_state AS
SELECT DISTINCT ON (r.day, r.kind)
    r.row_id,
    r.checked_at,
    r.day,
    r.kind,
    r.docking_count,
    r.delivered_count,
    r.platform_count,
    r.local_count,
    r.explained,
    r.unexplained,
    r.state,
    r.repair
FROM hotline.count_reconciliation AS r
ORDER BY r.day ASC, r.kind ASC, r.row_id DESC;
DROP INDEX hotline.count_reconciliation_unsettled;
CREATE INDEX count_reconciliation_differing ON hotline.count_reconciliation (day, kind, row_id)
WHERE state IN ('open', 'incomplete');

DROP INDEX hotline.interaction_log_started_at;
CREATE INDEX interaction_log_started_at ON hotline.interaction_log USING brin (started_at);

DROP INDEX hotline.seat_login_log_begintime;
DROP INDEX hotline.consultation_order_written_at;
DROP INDEX hotline.report_order_written_at;
DROP INDEX hotline.complaint_order_written_at;

DROP INDEX hotline.delivery_open;
DROP INDEX hotline.delivery_attention;
CREATE INDEX delivery_attention ON hotline.delivery (interface, state)
WHERE state IN ('held', 'rejected', 'quarantined');

DROP FUNCTION hotline.first_window;
DROP INDEX hotline.collection_window_asleep;
DROP INDEX hotline.collection_window_ends;
CREATE INDEX collection_window_ends ON hotline.collection_window (interface, ends);
